//! Bluetooth by bluer, BlueZ's own bindings.

use std::collections::BTreeMap;

use anyhow::Result;
use async_trait::async_trait;
use bluer::adv::{Advertisement, AdvertisementHandle, Type};
use bluer::{Adapter, Session, UuidExt as _};
use uuid::Uuid;
use webauthn_authenticator_rs::cable::Advertiser;
use webauthn_authenticator_rs::error::WebauthnCError;

/// The first adapter, and what is on the air.
#[derive(Debug)]
pub struct Air {
    adapter: Adapter,
    /// It advertises until this is dropped.
    on_air: Option<AdvertisementHandle>,
    _session: Session,
}

impl Air {
    pub async fn open() -> Result<Self> {
        let session = Session::new().await?;
        let adapter = session.default_adapter().await?;
        Ok(Self {
            adapter,
            on_air: None,
            _session: session,
        })
    }
}

#[async_trait]
impl Advertiser for Air {
    async fn start_advertising(&mut self, service: u16, data: &[u8]) -> Result<(), WebauthnCError> {
        let advertisement = Advertisement {
            advertisement_type: Type::Broadcast,
            service_data: BTreeMap::from([(Uuid::from_u16(service), data.to_vec())]),
            ..Advertisement::default()
        };
        let on_air = self.adapter.advertise(advertisement).await;
        self.on_air = Some(on_air.map_err(|error| {
            eprintln!("no advert: {error}");
            WebauthnCError::Internal
        })?);
        Ok(())
    }

    async fn stop_advertising(&mut self) -> Result<(), WebauthnCError> {
        self.on_air = None;
        Ok(())
    }
}

//! Bluetooth as programs know it on Linux: the D-Bus service `org.bluez`, or a stand-in for it.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::StreamExt as _;
use hybrid::advert::SERVICE_UUID;
use zbus::{
    Connection, MessageStream, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, interface,
};

const BLUEZ: Option<&str> = Some("org.bluez");
const PATH: &str = "/advertisement";
type Properties = HashMap<String, OwnedVariant>;

/// An adapter on a bus.
#[derive(Debug)]
pub struct Radio {
    bus: Connection,
    adapter: String,
}

/// An advert on the air, until it is taken off.
#[derive(Debug)]
pub struct OnAir<'a>(&'a Radio);

struct Advertisement {
    uuid: String,
    bytes: Vec<u8>,
}

// A broadcast: nobody can connect to it, and nothing but the one service is in it.
#[interface(name = "org.bluez.LEAdvertisement1")]
impl Advertisement {
    #[zbus(property, name = "Type")]
    fn kind(&self) -> &str {
        "broadcast"
    }

    #[zbus(property, name = "ServiceUUIDs")]
    fn service_uuids(&self) -> Vec<String> {
        vec![self.uuid.clone()]
    }

    #[zbus(property)]
    fn service_data(&self) -> Properties {
        let bytes = OwnedVariant::try_from(Variant::from(self.bytes.clone()));
        bytes
            .map(|bytes| HashMap::from([(self.uuid.clone(), bytes)]))
            .unwrap_or_default()
    }

    fn release(&self) {}
}

impl Radio {
    /// The adapter with this number on the bus at `address`.
    pub async fn open(address: &str, adapter: usize) -> Result<Self> {
        let bus = zbus::connection::Builder::address(address).build().await?;
        Ok(Self {
            bus,
            adapter: format!("/org/bluez/hci{adapter}"),
        })
    }

    /// Puts an advert on the air.
    pub async fn advertise(&self, bytes: &[u8]) -> Result<OnAir<'_>> {
        let advertisement = Advertisement {
            uuid: format!("{SERVICE_UUID:04x}"),
            bytes: bytes.to_vec(),
        };
        self.bus.object_server().at(PATH, advertisement).await?;
        let path = ObjectPath::try_from(PATH)?;
        self.manage("RegisterAdvertisement", &(path, Properties::new()))
            .await
            .context("the advert was not taken")?;
        Ok(OnAir(self))
    }

    async fn manage<B>(&self, method: &str, body: &B) -> zbus::Result<()>
    where
        B: zbus::export::serde::Serialize + zbus::wire::DynamicType,
    {
        let manager = Some("org.bluez.LEAdvertisingManager1");
        self.bus
            .call_method(BLUEZ, self.adapter.as_str(), manager, method, body)
            .await?;
        Ok(())
    }

    /// Listens until `open` makes something of what was heard.
    pub async fn listen<T>(
        &self,
        within: Duration,
        mut open: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<T> {
        for member in ["InterfacesAdded", "PropertiesChanged"] {
            let rule = format!("type='signal',sender='org.bluez',member='{member}'");
            let (name, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
            self.bus
                .call_method(Some(name), path, Some(name), "AddMatch", &rule)
                .await?;
        }
        let mut signals = MessageStream::from(&self.bus);
        let adapter = Some("org.bluez.Adapter1");
        self.bus
            .call_method(BLUEZ, self.adapter.as_str(), adapter, "StartDiscovery", &())
            .await?;
        let hearing = async {
            while let Some(message) = signals.next().await {
                if let Some(found) = service_data(&message?).as_deref().and_then(&mut open) {
                    return Ok(found);
                }
            }
            bail!("the bus is gone")
        };
        tokio::time::timeout(within, hearing)
            .await
            .context("no advert for us was heard")?
    }
}

impl OnAir<'_> {
    /// Takes the advert off the air.
    pub async fn end(self) -> Result<()> {
        let path = ObjectPath::try_from(PATH)?;
        self.0.manage("UnregisterAdvertisement", &(path,)).await?;
        self.0
            .bus
            .object_server()
            .remove::<Advertisement, _>(PATH)
            .await?;
        Ok(())
    }
}

/// What a device that was heard says for hybrid transport.
fn service_data(message: &zbus::Message) -> Option<Vec<u8>> {
    let body = message.body();
    let header = message.header();
    let member = header.member().map(|member| member.to_string());
    let mut device: Properties = match member.as_deref() {
        Some("InterfacesAdded") => {
            let (_, mut added): (OwnedObjectPath, HashMap<String, Properties>) =
                body.deserialize().ok()?;
            added.remove("org.bluez.Device1")?
        }
        Some("PropertiesChanged") => {
            let (_, changed, _): (String, Properties, Vec<String>) = body.deserialize().ok()?;
            changed
        }
        _ => return None,
    };
    let mut data: Properties = HashMap::try_from(device.remove("ServiceData")?).ok()?;
    let uuid = format!("0000{SERVICE_UUID:04x}-0000-1000-8000-00805f9b34fb");
    Vec::try_from(data.remove(&uuid)?).ok()
}

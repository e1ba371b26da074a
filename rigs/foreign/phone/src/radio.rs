//! Bluetooth as programs know it on Linux: the D-Bus service `org.bluez`, or a stand-in for it.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use authenticator::rules::cross_device;
use futures_util::StreamExt as _;
use hybrid::advert::SERVICE_UUID;
use zbus::{
    Connection, MessageStream, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, fdo, interface,
};

use crate::faults::NoRadio;

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

    /// What the bus calls this program.
    pub fn name(&self) -> String {
        let name = self.bus.unique_name();
        name.map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the adapter is on and for this program, asked before anything is sent.
    pub async fn state(&self) -> Result<cross_device::Radio, NoRadio> {
        let properties = Some("org.freedesktop.DBus.Properties");
        let which = ("org.bluez.Adapter1", "Powered");
        let path = self.adapter.as_str();
        let asked = self
            .bus
            .call_method(BLUEZ, path, properties, "Get", &which)
            .await;
        match asked {
            Ok(reply) => match reply.body().deserialize::<Variant<'_>>() {
                Ok(Variant::Bool(true)) => Ok(cross_device::Radio::On),
                Ok(Variant::Bool(false)) => Ok(cross_device::Radio::Off),
                _ => Err(NoRadio::Failed),
            },
            Err(error) => match no_radio(&error) {
                NoRadio::Off => Ok(cross_device::Radio::Off),
                NoRadio::Denied => Ok(cross_device::Radio::Denied),
                other => Err(other),
            },
        }
    }

    /// Puts an advert on the air. The error is a [`NoRadio`].
    pub async fn advertise(&self, bytes: &[u8]) -> Result<OnAir<'_>> {
        let advertisement = Advertisement {
            uuid: format!("{SERVICE_UUID:04x}"),
            bytes: bytes.to_vec(),
        };
        self.bus.object_server().at(PATH, advertisement).await?;
        let path = ObjectPath::try_from(PATH)?;
        let taken = self
            .manage("RegisterAdvertisement", &(path, Properties::new()))
            .await;
        if let Err(error) = taken {
            self.forget().await?;
            return Err(no_radio(&error).into());
        }
        Ok(OnAir(self))
    }

    async fn forget(&self) -> Result<()> {
        let server = self.bus.object_server();
        server.remove::<Advertisement, _>(PATH).await?;
        Ok(())
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

    /// Listens until `open` makes something of what was heard. The error is a [`NoRadio`].
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
            .await
            .map_err(|error| no_radio(&error))?;
        let hearing = async {
            while let Some(message) = signals.next().await {
                if let Some(found) = service_data(&message?).as_deref().and_then(&mut open) {
                    return Ok(found);
                }
            }
            Err(NoRadio::Failed.into())
        };
        match tokio::time::timeout(within, hearing).await {
            Ok(heard) => heard,
            Err(_) => Err(NoRadio::Nothing.into()),
        }
    }
}

impl OnAir<'_> {
    /// Takes the advert off the air.
    pub async fn end(self) -> Result<()> {
        let path = ObjectPath::try_from(PATH)?;
        self.0.manage("UnregisterAdvertisement", &(path,)).await?;
        self.0.forget().await
    }
}

/// What BlueZ, or the bus in front of it, means by an error.
fn no_radio(error: &zbus::Error) -> NoRadio {
    match error {
        zbus::Error::FDO(error) => match **error {
            fdo::Error::AccessDenied(_) | fdo::Error::AuthFailed(_) => NoRadio::Denied,
            _ => NoRadio::Failed,
        },
        zbus::Error::MethodError(name, _, _) => match name.as_str() {
            "org.bluez.Error.NotReady" => NoRadio::Off,
            "org.bluez.Error.NotAuthorized" | "org.freedesktop.DBus.Error.AccessDenied" => {
                NoRadio::Denied
            }
            _ => NoRadio::Failed,
        },
        _ => NoRadio::Failed,
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

//! `org.bluez.Device1`: a device that was heard.

use std::collections::HashMap;

use zbus::{OwnedObjectPath, OwnedVariant, Variant, interface};

use crate::air::ServiceData;

/// What BlueZ says of a device that only advertises.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) adapter: OwnedObjectPath,
    pub(crate) address: String,
    pub(crate) data: ServiceData,
    pub(crate) rssi: i16,
}

#[interface(name = "org.bluez.Device1")]
impl Device {
    fn connect(&self) -> zbus::fdo::Result<()> {
        Err(refused())
    }

    fn disconnect(&self) -> zbus::fdo::Result<()> {
        Err(refused())
    }

    fn pair(&self) -> zbus::fdo::Result<()> {
        Err(refused())
    }

    #[zbus(property)]
    fn adapter(&self) -> OwnedObjectPath {
        self.adapter.clone()
    }

    #[zbus(property)]
    fn address(&self) -> &str {
        &self.address
    }

    #[zbus(property)]
    fn address_type(&self) -> &str {
        "random"
    }

    #[zbus(property)]
    fn alias(&self) -> String {
        self.address.replace(':', "-")
    }

    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn bonded(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn connected(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        false
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        vec![self.data.uuid.clone()]
    }

    #[zbus(property)]
    fn service_data(&self) -> HashMap<String, OwnedVariant> {
        service_data(&self.data)
    }

    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> i16 {
        self.rssi
    }
}

pub(crate) fn service_data(data: &ServiceData) -> HashMap<String, OwnedVariant> {
    let bytes = OwnedVariant::try_from(Variant::from(data.bytes.clone()));
    bytes
        .map(|bytes| HashMap::from([(data.uuid.clone(), bytes)]))
        .unwrap_or_default()
}

/// Hybrid transport broadcasts: nothing ever connects to who advertises.
fn refused() -> zbus::fdo::Error {
    zbus::fdo::Error::NotSupported("a broadcast cannot be connected to".to_owned())
}

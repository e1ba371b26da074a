//! `org.bluez` as a service: adapters, the advertising manager, and the clock that repeats what is on the air.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use zbus::message::{Header, Type};
use zbus::{
    Connection, DBusError, MessageStream, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, fdo,
    interface,
};

use crate::air::{Air, Faults, Heard, ServiceData, length};
use crate::device::{Device, service_data};

/// How often what is on the air is heard again.
const REPETITION: Duration = Duration::from_millis(150);
/// Bytes of a legacy advert.
const LEGACY: usize = 31;
/// Adverts at a time on one adapter.
const INSTANCES: usize = 5;
const ADVERTISEMENT: &str = "org.bluez.LEAdvertisement1";
const DEVICE: &str = "org.bluez.Device1";

/// What there is at the start.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many adapters: `hci0`, `hci1`, …
    pub adapters: usize,
    /// Whether they are switched on.
    pub powered: bool,
    /// What goes wrong on the air.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            adapters: 1,
            powered: true,
            faults: Faults::default(),
        }
    }
}

/// A running stand-in. It ends when this is dropped.
#[derive(Debug)]
pub struct World {
    shared: Shared,
    connection: Connection,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

type Shared = Arc<Mutex<State>>;

#[derive(Debug)]
struct State {
    air: Air,
    started: Instant,
    powered: Vec<bool>,
    /// Who listens on which adapter.
    listeners: BTreeSet<(usize, String)>,
    /// Adverts by who made them and at which path.
    adverts: BTreeMap<(String, String), Registered>,
    /// Every advert that was ever made, for a test to look at.
    log: Vec<Made>,
    /// Every call of a method, whether there is such a method or not.
    calls: Vec<Call>,
    /// Adapters that let nobody advertise or listen.
    denied: BTreeSet<usize>,
}

#[derive(Debug)]
struct Registered {
    adapter: usize,
    number: u32,
}

/// An advert as it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// `broadcast` or `peripheral`.
    pub kind: String,
    /// The services it lists.
    pub uuids: Vec<String>,
    /// What they say.
    pub data: Vec<ServiceData>,
}

/// A call that a program made to `org.bluez`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Whose, as the bus names it.
    pub sender: String,
    /// At which object.
    pub path: String,
    /// Of which interface; empty if the caller named none.
    pub interface: String,
    /// Which method.
    pub method: String,
}

/// Errors of BlueZ.
#[derive(Debug, DBusError)]
#[zbus(prefix = "org.bluez.Error")]
enum BluezError {
    #[zbus(error)]
    Bus(zbus::Error),
    NotReady(String),
    AlreadyExists(String),
    DoesNotExist(String),
    NotPermitted(String),
    NotAuthorized(String),
    InvalidArguments(String),
    InvalidLength(String),
}

/// Becomes `org.bluez` on the bus at `address`.
pub async fn start(address: &str, options: Options) -> Result<World> {
    let state = State {
        air: Air::new(options.faults),
        started: now(),
        powered: vec![options.powered; options.adapters],
        listeners: BTreeSet::new(),
        adverts: BTreeMap::new(),
        log: Vec::new(),
        calls: Vec::new(),
        denied: BTreeSet::new(),
    };
    let shared = Arc::new(Mutex::new(state));
    let mut builder = zbus::connection::Builder::address(address)
        .serve_at("/", fdo::ObjectManager)
        .serve_at("/org/bluez", Agents)
        .serve_at("/org/bluez", Profiles);
    for number in 0..options.adapters {
        let path = adapter_path(number);
        builder = builder
            .serve_at(path.clone(), Adapter::new(number, &shared))
            .serve_at(path, Advertising::new(number, &shared));
    }
    let connection = builder.build().await.context("cannot reach this bus")?;
    // Nobody can call before the name is there, so no call is missed.
    let heard = MessageStream::from(&connection);
    let tasks = vec![
        tokio::spawn(write_down(heard, Arc::clone(&shared))),
        tokio::spawn(repeat(connection.clone(), Arc::clone(&shared))),
        tokio::spawn(forget_who_left(connection.clone(), Arc::clone(&shared))),
    ];
    connection
        .request_name("org.bluez")
        .await
        .context("cannot become org.bluez on this bus")?;
    Ok(World {
        shared,
        connection,
        tasks,
    })
}

impl World {
    /// Changes what goes wrong.
    pub fn set_faults(&self, faults: Faults) {
        lock(&self.shared).air.faults = faults;
    }

    /// Switches an adapter on or off. Off, it forgets what it advertised, and nobody listens on it.
    pub async fn set_powered(&self, adapter: usize, powered: bool) -> Result<()> {
        switch(&self.shared, adapter, powered);
        let changed = HashMap::from([("Powered", Variant::from(powered))]);
        let path = adapter_path(adapter);
        properties_changed(&self.connection, &path, "org.bluez.Adapter1", changed).await?;
        Ok(())
    }

    /// Every advert that was registered so far.
    pub fn made(&self) -> Vec<Made> {
        lock(&self.shared).log.clone()
    }

    /// How many adverts an adapter has on the air now.
    pub fn on_air(&self, adapter: usize) -> usize {
        lock(&self.shared).air.count(adapter)
    }

    /// Every call of a method of `org.bluez` so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared).calls.clone()
    }

    /// Lets nobody advertise or listen on an adapter, or everybody again.
    pub fn set_denied(&self, adapter: usize, denied: bool) {
        let mut state = lock(&self.shared);
        if denied {
            state.denied.insert(adapter);
        } else {
            state.denied.remove(&adapter);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the air repeats by real time, for programs that are not ours"
)]
fn now() -> Instant {
    Instant::now()
}

fn switch(shared: &Shared, adapter: usize, powered: bool) {
    let mut state = lock(shared);
    if let Some(known) = state.powered.get_mut(adapter) {
        *known = powered;
    }
    if !powered {
        state.listeners.retain(|(on, _)| *on != adapter);
        let State { adverts, air, .. } = &mut *state;
        adverts.retain(|_, advert| {
            if advert.adapter == adapter {
                air.end(advert.number);
            }
            advert.adapter != adapter
        });
    }
}

fn adapter_path(number: usize) -> String {
    format!("/org/bluez/hci{number}")
}

fn caller(header: &Header<'_>) -> String {
    header.sender().map(ToString::to_string).unwrap_or_default()
}

fn not_authorized() -> BluezError {
    BluezError::NotAuthorized("Not Authorized".to_owned())
}

struct Adapter {
    number: usize,
    shared: Shared,
}

impl Adapter {
    fn new(number: usize, shared: &Shared) -> Self {
        Self {
            number,
            shared: Arc::clone(shared),
        }
    }

    fn is_on(&self) -> bool {
        let state = lock(&self.shared);
        state.powered.get(self.number).copied().unwrap_or(false)
    }

    fn is_denied(&self) -> bool {
        lock(&self.shared).denied.contains(&self.number)
    }
}

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    fn start_discovery(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BluezError> {
        if self.is_denied() {
            return Err(not_authorized());
        }
        if !self.is_on() {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        let listener = (self.number, caller(&header));
        lock(&self.shared).listeners.insert(listener);
        Ok(())
    }

    fn stop_discovery(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BluezError> {
        let listener = (self.number, caller(&header));
        if lock(&self.shared).listeners.remove(&listener) {
            Ok(())
        } else {
            Err(BluezError::NotReady("No discovery started".to_owned()))
        }
    }

    fn set_discovery_filter(&self, _filter: HashMap<String, OwnedVariant>) {}

    fn get_discovery_filters(&self) -> Vec<String> {
        ["UUIDs", "RSSI", "Pathloss", "Transport", "DuplicateData"]
            .map(str::to_owned)
            .to_vec()
    }

    fn remove_device(&self, _device: ObjectPath<'_>) {}

    #[zbus(property)]
    fn address(&self) -> String {
        format!("02:00:00:00:00:{:02X}", self.number)
    }

    #[zbus(property)]
    fn address_type(&self) -> &str {
        "public"
    }

    #[zbus(property)]
    fn name(&self) -> String {
        format!("airwaves {}", self.number)
    }

    #[zbus(property)]
    fn alias(&self) -> String {
        self.name()
    }

    #[zbus(property)]
    fn set_alias(&self, _alias: String) {}

    #[zbus(property)]
    fn class(&self) -> u32 {
        0
    }

    #[zbus(property)]
    fn powered(&self) -> bool {
        self.is_on()
    }

    #[zbus(property)]
    fn set_powered(&self, powered: bool) {
        switch(&self.shared, self.number, powered);
    }

    #[zbus(property)]
    fn discoverable(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn pairable(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn discovering(&self) -> bool {
        let state = lock(&self.shared);
        state.listeners.iter().any(|(on, _)| *on == self.number)
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn roles(&self) -> Vec<String> {
        vec!["central".to_owned(), "peripheral".to_owned()]
    }

    #[zbus(property)]
    fn modalias(&self) -> &str {
        "usb:v1D6Bp0246d0542"
    }
}

struct Advertising {
    number: usize,
    shared: Shared,
}

impl Advertising {
    fn new(number: usize, shared: &Shared) -> Self {
        Self {
            number,
            shared: Arc::clone(shared),
        }
    }

    fn active(&self) -> usize {
        lock(&self.shared).air.count(self.number)
    }

    fn take(&self, key: (String, String), made: Made) -> Result<(), BluezError> {
        let mut state = lock(&self.shared);
        if state.denied.contains(&self.number) {
            return Err(not_authorized());
        }
        if !state.powered.get(self.number).copied().unwrap_or(false) {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        if state.adverts.contains_key(&key) {
            return Err(BluezError::AlreadyExists("Already Exists".to_owned()));
        }
        if state.air.count(self.number) >= INSTANCES {
            return Err(BluezError::NotPermitted("Maximum reached".to_owned()));
        }
        if length(made.uuids.len(), &made.data) > LEGACY {
            return Err(BluezError::InvalidLength(
                "Advertisement too long".to_owned(),
            ));
        }
        let elapsed = now().duration_since(state.started);
        let number = state.air.begin(self.number, made.data.clone(), elapsed);
        let adapter = self.number;
        state.adverts.insert(key, Registered { adapter, number });
        state.log.push(made);
        Ok(())
    }
}

#[interface(name = "org.bluez.LEAdvertisingManager1")]
impl Advertising {
    async fn register_advertisement(
        &self,
        path: OwnedObjectPath,
        _options: HashMap<String, OwnedVariant>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        let sender = caller(&header);
        let made = read_advertisement(connection, &sender, &path).await?;
        self.take((sender, path.to_string()), made)
    }

    fn unregister_advertisement(
        &self,
        path: OwnedObjectPath,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BluezError> {
        let mut state = lock(&self.shared);
        let key = (caller(&header), path.to_string());
        let advert = state
            .adverts
            .remove(&key)
            .ok_or_else(|| BluezError::DoesNotExist("Does Not Exist".to_owned()))?;
        state.air.end(advert.number);
        Ok(())
    }

    #[zbus(property)]
    fn active_instances(&self) -> u8 {
        u8::try_from(self.active()).unwrap_or(u8::MAX)
    }

    #[zbus(property)]
    fn supported_instances(&self) -> u8 {
        u8::try_from(INSTANCES.saturating_sub(self.active())).unwrap_or(0)
    }

    #[zbus(property)]
    fn supported_includes(&self) -> Vec<String> {
        ["tx-power", "appearance", "local-name"]
            .map(str::to_owned)
            .to_vec()
    }
}

struct Agents;

#[interface(name = "org.bluez.AgentManager1")]
impl Agents {
    fn register_agent(&self, _agent: ObjectPath<'_>, _capability: String) {}
    fn unregister_agent(&self, _agent: ObjectPath<'_>) {}
    fn request_default_agent(&self, _agent: ObjectPath<'_>) {}
}

struct Profiles;

#[interface(name = "org.bluez.ProfileManager1")]
impl Profiles {
    fn register_profile(
        &self,
        _profile: ObjectPath<'_>,
        _uuid: String,
        _options: HashMap<String, OwnedVariant>,
    ) {
    }
    fn unregister_profile(&self, _profile: ObjectPath<'_>) {}
}

/// Reads the object that the caller wants advertised, as BlueZ does.
async fn read_advertisement(
    connection: &Connection,
    sender: &str,
    path: &OwnedObjectPath,
) -> Result<Made, BluezError> {
    let invalid = |what: &str| BluezError::InvalidArguments(format!("{what} cannot be used"));
    let reply = connection
        .call_method(
            Some(sender),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &ADVERTISEMENT,
        )
        .await?;
    let mut properties: HashMap<String, OwnedVariant> = reply
        .body()
        .deserialize()
        .map_err(|_| invalid("the advertisement"))?;
    let kind = match properties.remove("Type") {
        Some(kind) => String::try_from(kind).map_err(|_| invalid("Type"))?,
        None => return Err(invalid("Type")),
    };
    let uuids = match properties.remove("ServiceUUIDs") {
        Some(uuids) => Vec::try_from(uuids).map_err(|_| invalid("ServiceUUIDs"))?,
        None => Vec::new(),
    };
    let data: HashMap<String, OwnedVariant> = match properties.remove("ServiceData") {
        Some(data) => HashMap::try_from(data).map_err(|_| invalid("ServiceData"))?,
        None => HashMap::new(),
    };
    let data = data.into_iter().map(|(uuid, bytes)| {
        let bytes = Vec::try_from(bytes).map_err(|_| invalid("ServiceData"))?;
        let uuid = whole_uuid(&uuid);
        Ok(ServiceData { uuid, bytes })
    });
    Ok(Made {
        kind,
        uuids,
        data: data.collect::<Result<_, BluezError>>()?,
    })
}

/// BlueZ takes short UUIDs and always answers long ones.
fn whole_uuid(uuid: &str) -> String {
    let uuid = uuid.to_ascii_lowercase();
    let short = uuid.strip_prefix("0x").unwrap_or(&uuid);
    if short.len() == 4 {
        format!("0000{short}-0000-1000-8000-00805f9b34fb")
    } else {
        uuid
    }
}

/// Says again and again what is on the air, to whoever listens.
async fn repeat(connection: Connection, shared: Shared) {
    let mut known: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    let mut rssi = -50;
    loop {
        tokio::time::sleep(REPETITION).await;
        // Some clients report only what changes.
        rssi = if rssi == -50 { -51 } else { -50 };
        let (heard, listening) = listen(&shared);
        for adapter in &listening {
            for heard in &heard {
                let is_new = known.entry(*adapter).or_default().insert(heard.device);
                let told = tell(&connection, *adapter, heard, rssi, is_new).await;
                if told.is_err() {
                    return;
                }
            }
        }
        let silent: Vec<usize> = known
            .keys()
            .copied()
            .filter(|adapter| !listening.contains(adapter))
            .collect();
        for adapter in silent {
            for device in known.remove(&adapter).unwrap_or_default() {
                let path = device_path(adapter, device);
                let _ = connection.object_server().remove::<Device, _>(path).await;
            }
        }
    }
}

fn listen(shared: &Shared) -> (Vec<Heard>, BTreeSet<usize>) {
    let mut state = lock(shared);
    let listening: BTreeSet<usize> = state
        .listeners
        .iter()
        .map(|(adapter, _)| *adapter)
        .collect();
    if listening.is_empty() {
        return (Vec::new(), listening);
    }
    let elapsed = now().duration_since(state.started);
    (state.air.listen(elapsed), listening)
}

async fn tell(
    connection: &Connection,
    adapter: usize,
    heard: &Heard,
    rssi: i16,
    is_new: bool,
) -> zbus::Result<()> {
    let path = device_path(adapter, heard.device);
    if is_new {
        let device = Device {
            adapter: OwnedObjectPath::try_from(adapter_path(adapter))?,
            address: address(heard.device),
            data: heard.data.clone(),
            rssi,
        };
        connection.object_server().at(path, device).await?;
        return Ok(());
    }
    let device = connection
        .object_server()
        .interface::<_, Device>(path.as_str());
    {
        let device = device.await?;
        let mut device = device.get_mut().await;
        device.data = heard.data.clone();
        device.rssi = rssi;
    }
    let changed = HashMap::from([
        ("ServiceData", Variant::from(service_data(&heard.data))),
        ("RSSI", Variant::from(rssi)),
    ]);
    properties_changed(connection, &path, DEVICE, changed).await
}

async fn properties_changed(
    connection: &Connection,
    path: &str,
    interface: &str,
    changed: HashMap<&str, Variant<'_>>,
) -> zbus::Result<()> {
    connection
        .emit_signal(
            None::<&str>,
            path,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &(interface, changed, Vec::<&str>::new()),
        )
        .await
}

fn address(device: u32) -> String {
    let [a, b, c, d] = device.to_be_bytes();
    format!("C0:FE:{a:02X}:{b:02X}:{c:02X}:{d:02X}")
}

fn device_path(adapter: usize, device: u32) -> String {
    let address = address(device).replace(':', "_");
    format!("{}/dev_{address}", adapter_path(adapter))
}

/// Writes down every call, before the objects answer or refuse it.
async fn write_down(mut heard: MessageStream, shared: Shared) {
    while let Some(message) = heard.next().await {
        let Ok(message) = message else { continue };
        let header = message.header();
        if header.message_type() != Type::MethodCall {
            continue;
        }
        let text = |part: Option<String>| part.unwrap_or_default();
        let call = Call {
            sender: caller(&header),
            path: text(header.path().map(ToString::to_string)),
            interface: text(header.interface().map(ToString::to_string)),
            method: text(header.member().map(ToString::to_string)),
        };
        lock(&shared).calls.push(call);
    }
}

/// Who leaves the bus advertises nothing any more, and listens to nothing.
async fn forget_who_left(connection: Connection, shared: Shared) {
    let Ok(bus) = fdo::DBusProxy::new(&connection).await else {
        return;
    };
    let Ok(mut changes) = bus.receive_name_owner_changed().await else {
        return;
    };
    while let Some(change) = changes.next().await {
        let Ok(args) = change.args() else { continue };
        if args.new_owner().is_some() {
            continue;
        }
        let gone = args.name().to_string();
        let mut state = lock(&shared);
        state.listeners.retain(|(_, listener)| *listener != gone);
        let State { adverts, air, .. } = &mut *state;
        adverts.retain(|(owner, _), advert| {
            if *owner == gone {
                air.end(advert.number);
            }
            *owner != gone
        });
    }
}

//! What is on the air, and what becomes of it on the way: without D-Bus, so that the faults can be tested alone.

use std::collections::BTreeMap;
use std::time::Duration;

/// The data of one service in an advert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceData {
    /// The service, as BlueZ writes it: 128 bits in lower-case text.
    pub uuid: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// What goes wrong on the way from who advertises to who listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many of an advert's first repetitions are not heard.
    pub drop: u32,
    /// Nothing of an advert is heard for so long.
    pub delay: Duration,
    /// Everything is heard from a second device as well.
    pub duplicate: bool,
    /// So many of the repetitions that are heard first have a bit changed.
    pub corrupt: u32,
    /// What is not advertised any more is heard on, as somebody with a recording would send it.
    pub replay: bool,
    /// So many bytes follow the data.
    pub longer: u8,
}

/// What a listener hears of one device at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Tells devices apart.
    pub device: u32,
    /// What the device says.
    pub data: ServiceData,
}

/// Adverts in the order in which they were made.
#[derive(Debug, Default)]
pub struct Air {
    /// What goes wrong.
    pub faults: Faults,
    on_air: BTreeMap<u32, Advert>,
    next: u32,
}

#[derive(Debug)]
struct Advert {
    adapter: usize,
    data: Vec<ServiceData>,
    since: Duration,
    repetitions: u32,
    ended: bool,
}

impl Air {
    /// Nothing on the air.
    pub fn new(faults: Faults) -> Self {
        Self {
            faults,
            ..Self::default()
        }
    }

    /// An adapter begins to advertise; a number to end it with.
    pub fn begin(&mut self, adapter: usize, data: Vec<ServiceData>, now: Duration) -> u32 {
        // Two numbers each: the second is the double.
        self.next += 2;
        let advert = Advert {
            adapter,
            data,
            since: now,
            repetitions: 0,
            ended: false,
        };
        self.on_air.insert(self.next, advert);
        self.next
    }

    /// The advert ends. With a recording of it, it is heard on.
    pub fn end(&mut self, number: u32) {
        if self.faults.replay {
            if let Some(advert) = self.on_air.get_mut(&number) {
                advert.ended = true;
            }
        } else {
            self.on_air.remove(&number);
        }
    }

    /// How many adverts this adapter has on the air.
    pub fn count(&self, adapter: usize) -> usize {
        let its = |advert: &&Advert| advert.adapter == adapter && !advert.ended;
        self.on_air.values().filter(its).count()
    }

    /// One repetition of everything on the air.
    pub fn listen(&mut self, now: Duration) -> Vec<Heard> {
        let faults = self.faults;
        let mut heard = Vec::new();
        for (number, advert) in &mut self.on_air {
            if now < advert.since.saturating_add(faults.delay) {
                continue;
            }
            advert.repetitions = advert.repetitions.saturating_add(1);
            if advert.repetitions <= faults.drop {
                continue;
            }
            let corrupt = advert.repetitions - faults.drop <= faults.corrupt;
            let doubles = if faults.duplicate { 2 } else { 1 };
            for double in 0..doubles {
                heard.extend(advert.data.iter().map(|data| Heard {
                    device: number + double,
                    data: spoil(data.clone(), corrupt, faults.longer),
                }));
            }
        }
        heard
    }
}

fn spoil(mut data: ServiceData, corrupt: bool, longer: u8) -> ServiceData {
    if corrupt && let Some(byte) = data.bytes.last_mut() {
        *byte ^= 1;
    }
    data.bytes.extend((0..longer).map(|_| 0));
    data
}

/// Bytes of a legacy advert that these services and data take: flags, the list of UUIDs, one element for each service's data.
pub fn length(uuids: usize, data: &[ServiceData]) -> usize {
    let list = if uuids == 0 { 0 } else { 2 + 2 * uuids };
    let elements = data.iter().map(|data| 4 + data.bytes.len());
    3 + list + elements.sum::<usize>()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a failed setup is a failed test")]
    use super::*;

    fn air(faults: Faults) -> (Air, u32) {
        let mut air = Air::new(faults);
        let data = ServiceData {
            uuid: "fff9".to_owned(),
            bytes: vec![7; 20],
        };
        let number = air.begin(0, vec![data], Duration::ZERO);
        (air, number)
    }

    fn bytes(air: &mut Air) -> Vec<Vec<u8>> {
        let heard = air.listen(Duration::ZERO);
        heard.into_iter().map(|heard| heard.data.bytes).collect()
    }

    #[test]
    fn what_is_advertised_is_heard_until_it_ends() {
        let (mut air, number) = air(Faults::default());
        assert_eq!(bytes(&mut air), [vec![7; 20]]);
        assert_eq!(bytes(&mut air), [vec![7; 20]]);
        assert_eq!(air.count(0), 1);
        air.end(number);
        assert!(bytes(&mut air).is_empty());
    }

    #[test]
    fn dropped_repetitions_are_not_heard() {
        let (mut air, _) = air(Faults {
            drop: 2,
            ..Faults::default()
        });
        assert!(bytes(&mut air).is_empty());
        assert!(bytes(&mut air).is_empty());
        assert_eq!(bytes(&mut air).len(), 1);
    }

    #[test]
    fn a_delayed_advert_is_heard_later() {
        let (mut air, _) = air(Faults {
            delay: Duration::from_secs(2),
            ..Faults::default()
        });
        assert!(air.listen(Duration::from_secs(1)).is_empty());
        assert_eq!(air.listen(Duration::from_secs(2)).len(), 1);
    }

    #[test]
    fn a_double_comes_from_another_device() {
        let (mut air, _) = air(Faults {
            duplicate: true,
            ..Faults::default()
        });
        let heard = air.listen(Duration::ZERO);
        assert_eq!(heard.len(), 2);
        assert_ne!(heard[0].device, heard[1].device);
        assert_eq!(heard[0].data, heard[1].data);
    }

    #[test]
    fn corrupted_repetitions_come_first() {
        let (mut air, _) = air(Faults {
            drop: 1,
            corrupt: 1,
            ..Faults::default()
        });
        assert!(bytes(&mut air).is_empty());
        assert_eq!(bytes(&mut air)[0][19], 6);
        assert_eq!(bytes(&mut air)[0][19], 7);
    }

    #[test]
    fn a_recording_is_heard_after_the_end() {
        let (mut air, number) = air(Faults {
            replay: true,
            ..Faults::default()
        });
        air.end(number);
        assert_eq!(bytes(&mut air).len(), 1);
        assert_eq!(air.count(0), 0);
    }

    #[test]
    fn a_longer_advert_has_more_bytes() {
        let (mut air, _) = air(Faults {
            longer: 2,
            ..Faults::default()
        });
        assert_eq!(bytes(&mut air)[0].len(), 22);
    }

    #[test]
    fn the_advert_of_hybrid_transport_fills_a_legacy_advert() {
        let data = ServiceData {
            uuid: "fff9".to_owned(),
            bytes: vec![0; 20],
        };
        assert_eq!(length(1, &[data]), 31);
    }
}

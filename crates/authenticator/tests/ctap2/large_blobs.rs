//! authenticatorLargeBlobs.

use crate::platform::{set_pin, tag, token};
use crate::world::{World, bytes, full_world, send, world};
use authenticator::cbor::Map;
use authenticator::{Authenticator, Record, Status};
use aws_lc_rs::digest::{SHA256, digest};

const BLOBS: u8 = 0x0c;
const LBW: i64 = 0x10;

fn array(length: usize) -> Vec<u8> {
    let mut array = vec![0x55; length - 16];
    let checksum = digest(&SHA256, &array);
    array.extend_from_slice(&checksum.as_ref()[..16]);
    array
}

fn read(authenticator: &mut Authenticator<World>, count: i64, offset: i64) -> Result<Map, Status> {
    let map = Map::from([(1.into(), count.into()), (3.into(), offset.into())]);
    send(authenticator, BLOBS, Some(map))
}

fn write(
    authenticator: &mut Authenticator<World>,
    fragment: &[u8],
    offset: usize,
    length: Option<usize>,
    token: Option<&[u8]>,
) -> Result<Map, Status> {
    let mut map = Map::from([
        (2.into(), fragment.to_vec().into()),
        (3.into(), (offset as i64).into()),
    ]);
    if let Some(length) = length {
        map.insert(4.into(), (length as i64).into());
    }
    if let Some(token) = token {
        let message = [
            [0xff; 32].as_slice(),
            &[0x0c, 0],
            &(offset as u32).to_le_bytes(),
            digest(&SHA256, fragment).as_ref(),
        ]
        .concat();
        map.insert(5.into(), tag(2, token, &message).into());
        map.insert(6.into(), 2.into());
    }
    send(authenticator, BLOBS, Some(map))
}

fn open() -> Authenticator<World> {
    Authenticator::new(full_world())
}

#[test]
fn an_untouched_array_is_empty_with_its_checksum() {
    let told = bytes(&read(&mut open(), 100, 0).unwrap(), 1);
    assert_eq!(told[0], 0x80);
    assert_eq!(told[1..], digest(&SHA256, &[0x80]).as_ref()[..16]);
}

#[test]
fn fragments_become_an_array_that_is_read_in_fragments() {
    let mut authenticator = open();
    let array = array(300);
    write(&mut authenticator, &array[..200], 0, Some(300), None).unwrap();
    assert!(
        !authenticator
            .env()
            .records
            .contains_key(&Record::LargeBlobs)
    );
    write(&mut authenticator, &array[200..], 200, None, None).unwrap();
    let first = bytes(&read(&mut authenticator, 150, 0).unwrap(), 1);
    let rest = bytes(&read(&mut authenticator, 999, 150).unwrap(), 1);
    assert_eq!([first, rest].concat(), array);
    assert!(bytes(&read(&mut authenticator, 1, 300).unwrap(), 1).is_empty());
    assert_eq!(
        read(&mut authenticator, 1, 301),
        Err(Status::InvalidParameter)
    );
}

#[test]
fn a_wrong_checksum_changes_nothing() {
    let mut authenticator = open();
    let mut spoilt = array(40);
    spoilt[0] ^= 1;
    assert_eq!(
        write(&mut authenticator, &spoilt, 0, Some(40), None),
        Err(Status::IntegrityFailure)
    );
    assert!(authenticator.env().records.is_empty());
}

#[test]
fn a_damaged_array_reads_as_empty() {
    let mut authenticator = open();
    authenticator
        .env_mut()
        .records
        .insert(Record::LargeBlobs, vec![1; 40]);
    let told = bytes(&read(&mut authenticator, 100, 0).unwrap(), 1);
    assert_eq!(told.len(), 17);
}

#[test]
fn fragments_come_in_order_and_end_where_they_said() {
    let array = array(100);
    let mut authenticator = open();
    assert_eq!(
        write(&mut authenticator, &array[50..], 50, None, None),
        Err(Status::InvalidSequence)
    );
    write(&mut authenticator, &array[..50], 0, Some(100), None).unwrap();
    assert_eq!(
        write(&mut authenticator, &array[60..], 60, None, None),
        Err(Status::InvalidSequence)
    );
    assert_eq!(
        write(&mut authenticator, &array[40..], 50, None, None),
        Err(Status::InvalidParameter)
    );
    write(&mut authenticator, &array[..50], 0, Some(100), None).unwrap();
    send(&mut authenticator, 0x04, None).unwrap();
    assert_eq!(
        write(&mut authenticator, &array[50..], 50, None, None),
        Err(Status::InvalidSequence),
        "another command ends the write"
    );
}

#[test]
fn every_broken_request_has_its_status() {
    let whole = array(40);
    let mut authenticator = open();
    let mut set = |offset, length| write(&mut authenticator, &whole, offset, length, None);
    assert_eq!(set(0, None), Err(Status::InvalidParameter));
    assert_eq!(set(1, Some(41)), Err(Status::InvalidParameter));
    assert_eq!(set(0, Some(16)), Err(Status::InvalidParameter));
    assert_eq!(set(0, Some(1025)), Err(Status::LargeBlobStorageFull));
    // A checksum of nothing.
    let bare = digest(&SHA256, &[]).as_ref()[..16].to_vec();
    assert_eq!(
        write(&mut authenticator, &bare, 0, Some(16), None),
        Err(Status::InvalidParameter)
    );
    assert_eq!(read(&mut open(), 7546, 0), Err(Status::InvalidLength));
    assert_eq!(read(&mut open(), -1, 0), Err(Status::InvalidParameter));
    assert_eq!(read(&mut open(), 1, -1), Err(Status::InvalidParameter));
    for map in [
        Map::from([(1.into(), 1.into())]),
        Map::from([(3.into(), 0.into())]),
        Map::from([
            (1.into(), 1.into()),
            (2.into(), vec![1].into()),
            (3.into(), 0.into()),
        ]),
        Map::from([
            (1.into(), 1.into()),
            (3.into(), 0.into()),
            (4.into(), 1.into()),
        ]),
    ] {
        assert_eq!(
            send(&mut open(), BLOBS, Some(map)),
            Err(Status::InvalidParameter)
        );
    }
    assert_eq!(
        read(&mut Authenticator::new(world()), 1, 0),
        Err(Status::InvalidCommand)
    );
}

#[test]
fn a_protected_authenticator_is_written_by_token_only() {
    let array = array(40);
    let mut authenticator = open();
    set_pin(&mut authenticator, 2, "1234").unwrap();
    assert_eq!(
        write(&mut authenticator, &array, 0, Some(40), None),
        Err(Status::PuatRequired)
    );
    let other = token(&mut authenticator, 2, "1234", 0x04, None).unwrap();
    assert_eq!(
        write(&mut authenticator, &array, 0, Some(40), Some(&other)),
        Err(Status::PinAuthInvalid)
    );
    let right = token(&mut authenticator, 2, "1234", LBW, None).unwrap();
    write(&mut authenticator, &array[..20], 0, Some(40), Some(&right)).unwrap();
    write(&mut authenticator, &array[20..], 20, None, Some(&right)).unwrap();
    assert!(
        read(&mut authenticator, 40, 0).is_ok(),
        "reading is for everybody: the blobs are encrypted"
    );
}

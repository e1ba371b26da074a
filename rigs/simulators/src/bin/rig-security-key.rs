//! Serves a simulated authenticator on standard input and output, for clients of other makers: a security key, or with the argument
//! `android`, `iphone` or `desktop` the passkey app on such a device.
//!
//! A frame is a length of four bytes, big-endian, and a message. A CTAP message is answered by one frame. Messages from 0xf0 on
//! move the security key's world and are answered by an empty frame: 0xf0 a power cycle, 0xf1 with a number of eight bytes lets
//! milliseconds pass, 0xf2 with one byte switches built-in verification on or off, 0xf3 with one byte lets the finger be there or not.

use authenticator::device::Device;
use authenticator::device::policy::Policy;
use authenticator::{Authenticator, Env, UserVerification};
use rig_simulators::{Authority, Phone, SecurityKey};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

/// Longest frame: more than any CTAP message.
const MAX: u32 = 16_384;

fn main() -> io::Result<()> {
    match std::env::args().nth(1) {
        None => serve(SecurityKey::default(), change),
        Some(device) => {
            let authority = Arc::new(Authority::new().map_err(io::Error::other)?);
            let phone = match device.as_str() {
                "android" => Phone::android(1, &authority),
                "iphone" => Phone::iphone(1, &authority),
                "desktop" => Phone::desktop(1, &authority),
                _ => return Err(io::Error::other("android, iphone or desktop")),
            };
            serve(Device::new(phone, Policy::default()), |_, _, _| {})
        }
    }
}

fn serve<E: Env>(world: E, change: fn(&mut Authenticator<E>, u8, &[u8])) -> io::Result<()> {
    let mut authenticator = Authenticator::new(world);
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let mut length = [0; 4];
        if input.read_exact(&mut length).is_err() {
            return Ok(());
        }
        let length = u32::from_be_bytes(length);
        if length > MAX {
            return Err(io::Error::other("a frame is too long"));
        }
        let mut message = vec![0; length as usize];
        input.read_exact(&mut message)?;
        let answer = match message.split_first() {
            Some((command, argument)) if *command >= 0xf0 => {
                change(&mut authenticator, *command, argument);
                Vec::new()
            }
            _ => authenticator.handle(&message),
        };
        output.write_all(&(answer.len() as u32).to_be_bytes())?;
        output.write_all(&answer)?;
        output.flush()?;
    }
}

fn change(authenticator: &mut Authenticator<SecurityKey>, command: u8, argument: &[u8]) {
    let on = argument.first() == Some(&1);
    let world = authenticator.env_mut();
    match command {
        0xf0 => authenticator.power_cycle(),
        0xf1 => {
            let bytes = argument.try_into().unwrap_or_default();
            world.now += u64::from_be_bytes(bytes);
        }
        0xf2 if on => world.verification = UserVerification::OnRequest,
        0xf2 => world.verification = UserVerification::None,
        0xf3 => world.touched = on,
        _ => {}
    }
}

//! The encrypted channel: two Noise patterns, and the frames inside them (CTAP 2.2, section 11.5.1).
//!
//! * After a QR code: `KNpsk0`. The authenticator knows the client's key from the code.
//! * Over a link: `NKpsk0`. The client knows the authenticator's key from the link.
//!
//! In both the client speaks first, and both sides prove that they know the pre-shared key, which only who received the
//! advert can compute.

use crate::ec::{PublicKey, SecretKey};
use crate::keys::PreSharedKey;
use crate::primitives::{POINT, Primitives};
use snow::{Builder, HandshakeState, TransportState};
use zeroize::Zeroize as _;

const TAG: usize = 16;
/// A handshake message: an ephemeral key and the tag over an empty payload. Both patterns have the same two.
pub const HANDSHAKE_MESSAGE: usize = POINT + TAG;
/// The longest message on the tunnel, which is also Noise's own limit.
pub const MAX_MESSAGE: usize = 65_535;
/// Plaintexts are as long as a multiple of this.
const GRANULARITY: usize = 32;
/// The longest plaintext that still fits with its padding.
pub const MAX_PLAIN: usize = (MAX_MESSAGE - TAG) / GRANULARITY * GRANULARITY - 1;

const BY_CODE: (&str, &[u8]) = ("Noise_KNpsk0_P256_AESGCM_SHA256", &[1]);
const BY_LINK: (&str, &[u8]) = ("Noise_NKpsk0_P256_AESGCM_SHA256", &[0]);

/// What the other side did wrong on the encrypted channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// A handshake message of another length.
    #[error("the handshake message has another length")]
    HandshakeLength,
    /// The handshake was made with another pre-shared key or another static key: the other side did not see the code, did
    /// not receive the advert, or is not who it was linked with.
    #[error("the other side knows another secret")]
    Secret,
    /// A key in the handshake is not a point of the curve.
    #[error("the other side sent a key that is none")]
    Key,
    /// A message of another length than any that can be sent.
    #[error("the message has an impossible length")]
    MessageLength,
    /// The message was changed, repeated, left out or reordered.
    #[error("the message is not the next one of the other side")]
    Message,
    /// The plaintext is not padded as it has to be.
    #[error("the padding is broken")]
    Padding,
    /// What is to be sent does not fit into one message: a mistake of this side.
    #[error("the plaintext is too long for one message")]
    PlainLength,
    /// The library failed.
    #[error("the encrypted channel could not be computed")]
    Crypto,
}

/// Which static key is known beforehand, and to whom.
#[derive(Clone, Copy)]
pub(crate) enum Known<'a> {
    /// The client's, from the QR code. The client itself brings the private one.
    ClientKey(&'a PublicKey),
    ClientSecret(&'a SecretKey),
    /// The authenticator's, from the link. The authenticator itself brings the private one.
    AuthenticatorKey(&'a PublicKey),
    AuthenticatorSecret(&'a SecretKey),
}

/// The client's handshake, its message sent.
pub(crate) struct Called(HandshakeState);

/// The channel after the handshake: each message once, in order.
pub(crate) struct Channel(TransportState);

/// The hash of the whole handshake, the same on both sides.
pub(crate) type HandshakeHash = [u8; 32];

/// The client's first message.
pub(crate) fn call(
    known: Known<'_>,
    psk: &PreSharedKey,
    ephemeral: &SecretKey,
) -> Result<(Called, Vec<u8>), ChannelError> {
    let mut state = prepare(known, psk, ephemeral, |builder| builder.build_initiator())?;
    let message = write(&mut state)?;
    Ok((Called(state), message))
}

impl Called {
    /// Reads the authenticator's answer.
    pub(crate) fn hear(mut self, message: &[u8]) -> Result<(Channel, HandshakeHash), ChannelError> {
        read(&mut self.0, message)?;
        finish(self.0)
    }
}

/// The authenticator's side: reads the first message and answers it.
pub(crate) fn answer(
    known: Known<'_>,
    psk: &PreSharedKey,
    ephemeral: &SecretKey,
    message: &[u8],
) -> Result<(Channel, HandshakeHash, Vec<u8>), ChannelError> {
    let mut state = prepare(known, psk, ephemeral, |builder| builder.build_responder())?;
    read(&mut state, message)?;
    let reply = write(&mut state)?;
    let (channel, hash) = finish(state)?;
    Ok((channel, hash, reply))
}

impl Channel {
    /// Pads and encrypts one plaintext.
    pub(crate) fn seal(&mut self, plain: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let mut padded = pad(plain)?;
        let mut message = vec![0; padded.len() + TAG];
        let length = self.0.write_message(&padded, &mut message);
        padded.zeroize();
        // Also the sign that the cipher worked (`primitives.rs`).
        if length == Ok(message.len()) {
            Ok(message)
        } else {
            Err(ChannelError::Crypto)
        }
    }

    /// Decrypts the other side's next message.
    pub(crate) fn open(&mut self, message: &[u8]) -> Result<Vec<u8>, ChannelError> {
        if message.len() > MAX_MESSAGE || message.len() < GRANULARITY + TAG {
            return Err(ChannelError::MessageLength);
        }
        let mut plain = vec![0; message.len() - TAG];
        self.0
            .read_message(message, &mut plain)
            .map_err(|_| ChannelError::Message)?;
        unpad(plain)
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Channel(secret)")
    }
}

impl std::fmt::Debug for Called {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Called(secret)")
    }
}

fn prepare(
    known: Known<'_>,
    psk: &PreSharedKey,
    ephemeral: &SecretKey,
    build: impl FnOnce(Builder<'_>) -> Result<HandshakeState, snow::Error>,
) -> Result<HandshakeState, ChannelError> {
    let (name, prologue) = match known {
        Known::ClientKey(_) | Known::ClientSecret(_) => BY_CODE,
        Known::AuthenticatorKey(_) | Known::AuthenticatorSecret(_) => BY_LINK,
    };
    let params = name.parse().map_err(|_| ChannelError::Crypto)?;
    let primitives = Box::new(Primitives::new(*ephemeral.expose()));
    let prepared = Builder::with_resolver(params, primitives)
        .prologue(prologue)
        .and_then(|builder| builder.psk(0, psk.expose()));
    let prepared = prepared.and_then(|builder| match known {
        Known::ClientKey(key) | Known::AuthenticatorKey(key) => {
            builder.remote_public_key(key.as_bytes())
        }
        Known::ClientSecret(key) | Known::AuthenticatorSecret(key) => {
            builder.local_private_key(key.expose())
        }
    });
    prepared.and_then(build).map_err(|_| ChannelError::Crypto)
}

fn write(state: &mut HandshakeState) -> Result<Vec<u8>, ChannelError> {
    let mut message = vec![0; HANDSHAKE_MESSAGE];
    match state.write_message(&[], &mut message) {
        Ok(HANDSHAKE_MESSAGE) => Ok(message),
        // The first use of the peer's ephemeral key is here.
        Err(snow::Error::Dh) => Err(ChannelError::Key),
        _ => Err(ChannelError::Crypto),
    }
}

fn read(state: &mut HandshakeState, message: &[u8]) -> Result<(), ChannelError> {
    if message.len() != HANDSHAKE_MESSAGE {
        return Err(ChannelError::HandshakeLength);
    }
    state
        .read_message(message, &mut [])
        .map(|_| ())
        .map_err(|error| match error {
            snow::Error::Dh => ChannelError::Key,
            snow::Error::Decrypt => ChannelError::Secret,
            _ => ChannelError::Crypto,
        })
}

fn finish(state: HandshakeState) -> Result<(Channel, HandshakeHash), ChannelError> {
    let hash = state
        .get_handshake_hash()
        .try_into()
        .map_err(|_| ChannelError::Crypto)?;
    let channel = state
        .into_transport_mode()
        .map_err(|_| ChannelError::Crypto)?;
    Ok((Channel(channel), hash))
}

/// Zeros up to a multiple of 32; the last byte says how many they are. Lengths on the tunnel then say little about contents.
fn pad(plain: &[u8]) -> Result<Vec<u8>, ChannelError> {
    if plain.len() > MAX_PLAIN {
        return Err(ChannelError::PlainLength);
    }
    let whole = (plain.len() + 1).next_multiple_of(GRANULARITY);
    let zeros = whole - plain.len() - 1;
    let mut padded = Vec::with_capacity(whole);
    padded.extend_from_slice(plain);
    padded.resize(whole - 1, 0);
    padded.push(u8::try_from(zeros).map_err(|_| ChannelError::PlainLength)?);
    Ok(padded)
}

/// The whole need not be a multiple of 32: libwebauthn pads what follows the frame's type, and sends one byte more.
fn unpad(mut padded: Vec<u8>) -> Result<Vec<u8>, ChannelError> {
    let zeros = usize::from(padded.pop().ok_or(ChannelError::Padding)?);
    let length = padded
        .len()
        .checked_sub(zeros)
        .ok_or(ChannelError::Padding)?;
    let clean = padded.iter().skip(length).all(|byte| *byte == 0);
    if !clean {
        return Err(ChannelError::Padding);
    }
    padded.truncate(length);
    Ok(padded)
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed setup is a failed test"
    )]

    use super::*;
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use aws_lc_rs::digest::{SHA256, digest};
    use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

    struct Bytes(usize);

    impl KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }

    fn hkdf<const N: usize>(chaining: &[u8], material: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        let salt = Salt::new(HKDF_SHA256, chaining);
        let prk = salt.extract(material);
        prk.expand(&[], Bytes(N)).unwrap().fill(&mut out).unwrap();
        out
    }

    /// The handshake after a QR code as section 5 of Noise says it, step by step, without the library.
    struct ByHand {
        chaining: [u8; 32],
        hash: Vec<u8>,
        key: [u8; 32],
    }

    impl ByHand {
        fn new(psk: &PreSharedKey, client: &PublicKey) -> Self {
            // The name is shorter than a hash, so it is the first hash, filled with zeros.
            let mut name = [0; 32];
            name[..BY_CODE.0.len()].copy_from_slice(BY_CODE.0.as_bytes());
            let mut hand = Self {
                chaining: name,
                hash: name.to_vec(),
                key: [0; 32],
            };
            hand.mix_hash(BY_CODE.1);
            hand.mix_hash(client.as_bytes());
            let mixed: [u8; 96] = hkdf(&hand.chaining, psk.expose());
            hand.chaining.copy_from_slice(&mixed[..32]);
            hand.mix_hash(&mixed[32..64]);
            hand
        }

        fn mix_hash(&mut self, bytes: &[u8]) {
            let both = [self.hash.as_slice(), bytes].concat();
            self.hash = digest(&SHA256, &both).as_ref().to_vec();
        }

        fn mix_key(&mut self, material: &[u8]) {
            let mixed: [u8; 64] = hkdf(&self.chaining, material);
            self.chaining.copy_from_slice(&mixed[..32]);
            self.key.copy_from_slice(&mixed[32..]);
        }

        fn ephemeral(&mut self, point: &[u8]) {
            self.mix_hash(point);
            self.mix_key(point);
        }

        fn empty_payload(&mut self) -> Vec<u8> {
            let tag = seal_by_hand(&self.key, 0, &self.hash, &[]);
            self.mix_hash(&tag);
            tag
        }
    }

    fn seal_by_hand(key: &[u8], counter: u8, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let mut nonce = [0; 12];
        nonce[11] = counter;
        let mut sealed = plain.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut sealed)
            .unwrap();
        sealed
    }

    /// The client's first message, with a point of the caller's choice.
    pub(crate) fn first_message_with_point(
        psk: &PreSharedKey,
        client: &PublicKey,
        point: [u8; POINT],
    ) -> Vec<u8> {
        let mut hand = ByHand::new(psk, client);
        hand.ephemeral(&point);
        [point.as_slice(), &hand.empty_payload()].concat()
    }

    #[test]
    fn handshake_and_messages_are_those_of_the_noise_specification() {
        let psk = PreSharedKey::derive(&[2; 16], &[3; 16]).unwrap();
        let key = |seed| SecretKey::from_random(&[seed; 64]).unwrap();
        let (client, ephemeral, theirs) = (key(1), key(4), key(5));
        let (called, message) = call(Known::ClientSecret(&client), &psk, &ephemeral).unwrap();

        let mut hand = ByHand::new(&psk, client.public());
        hand.ephemeral(ephemeral.public().as_bytes());
        let first = hand.empty_payload();
        assert_eq!(
            message,
            [&ephemeral.public().as_bytes()[..], &first].concat()
        );

        hand.ephemeral(theirs.public().as_bytes());
        hand.mix_key(&theirs.agree(ephemeral.public()).unwrap());
        hand.mix_key(&theirs.agree(client.public()).unwrap());
        let second = hand.empty_payload();
        let answer = [&theirs.public().as_bytes()[..], &second].concat();
        let (mut channel, hash) = called.hear(&answer).unwrap();
        assert_eq!(hash.as_slice(), hand.hash);

        // The first key is for what the client sends, the second for what it hears.
        let keys: [u8; 64] = hkdf(&hand.chaining, &[]);
        let padded = |byte: u8| {
            let mut plain = [0; 32];
            plain[0] = byte;
            plain[31] = 30;
            plain
        };
        for counter in 0..3 {
            let sent = seal_by_hand(&keys[..32], counter, &[], &padded(counter));
            assert_eq!(channel.seal(&[counter]), Ok(sent));
            let heard = seal_by_hand(&keys[32..], counter, &[], &padded(counter));
            assert_eq!(channel.open(&heard), Ok(vec![counter]));
        }
    }

    #[test]
    fn padding_ends_with_its_length_and_comes_off_again() {
        for length in 0..100 {
            let plain = vec![7; length];
            let padded = pad(&plain).unwrap();
            assert_eq!(padded.len() % 32, 0);
            assert!(padded.len() > length && padded.len() - length <= 32);
            assert_eq!(unpad(padded), Ok(plain));
        }
        assert_eq!(pad(&[9]).unwrap().last(), Some(&30));
    }

    #[test]
    fn broken_padding_is_named() {
        let mut not_zero = pad(&[1, 2, 3]).unwrap();
        *not_zero.get_mut(20).unwrap() = 1;
        assert_eq!(unpad(not_zero), Err(ChannelError::Padding));
        let mut too_many = vec![0; 32];
        *too_many.last_mut().unwrap() = 32;
        assert_eq!(unpad(too_many), Err(ChannelError::Padding));
        assert_eq!(unpad(vec![]), Err(ChannelError::Padding));
    }

    #[test]
    fn padding_of_another_length_comes_off_too() {
        let mut shutdown = vec![0; 33];
        *shutdown.last_mut().unwrap() = 31;
        assert_eq!(unpad(shutdown), Ok(vec![0]));
    }

    #[test]
    fn a_plaintext_fills_at_most_one_message() {
        assert_eq!(pad(&vec![0; MAX_PLAIN]).unwrap().len(), MAX_PLAIN + 1);
        assert_eq!(pad(&vec![0; MAX_PLAIN + 1]), Err(ChannelError::PlainLength));
        const { assert!(MAX_PLAIN + 1 + TAG <= MAX_MESSAGE) };
    }
}

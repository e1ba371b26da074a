//! `rig-computer BUS SERVICE NAME CA STEP …`: our client as the browser's half, for authenticators that are not ours. It prints each
//! QR code (`code FIDO:/…`), waits for the authenticator, and checks the signature: `ok …` for each step, `register` or `sign-in`.
//!
//! The arguments are those of `rig-phone`. A sign-in names the credential that was registered: the software tokens of others find none
//! by themselves.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use authenticator::cbor::{Key, Value};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use hybrid::Flow;
use rig_phone::computer::Computer;
use rig_phone::radio::Radio;
use rig_phone::tunnel::Service;

const RP: &str = "login.example.com";
const CLIENT_DATA_HASH: [u8; 32] = [0x5a; 32];
const PRESENT: u8 = 1;
const ATTESTED: u8 = 1 << 6;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| {
        let missing = format!("{name} is missing");
        arguments.next().context(missing)
    };
    let radio = Radio::open(&next("BUS")?, 0).await?;
    let (address, name, ca) = (next("SERVICE")?.parse()?, next("NAME")?, next("CA")?);
    let service = Service::new(address, &name, Path::new(&ca))?;
    let mut passkey = None;
    for step in arguments {
        let computer = Computer::new()?;
        let (flow, command) = match (step.as_str(), &passkey) {
            ("register", _) => (Flow::MakeCredential, register()),
            ("sign-in", Some(passkey)) => (Flow::GetAssertion, sign_in(passkey)),
            _ => bail!("no step {step}, or nothing is registered"),
        };
        println!("code {}", computer.code(flow));
        let (_, answer) = computer.ask(&command, &service, &radio).await?;
        let Some((0, answer)) = answer.split_first() else {
            bail!("{step}: status {:?}", answer.first());
        };
        let answer = Value::decode(answer)?;
        match &passkey {
            Some(passkey) if flow == Flow::GetAssertion => passkey.verify(&answer)?,
            _ => passkey = Some(Passkey::read(&answer)?),
        }
        println!("ok {step}");
    }
    Ok(())
}

/// What a registration leaves behind.
struct Passkey {
    id: Vec<u8>,
    /// Uncompressed.
    point: Vec<u8>,
}

impl Passkey {
    fn read(answer: &Value) -> Result<Self> {
        let data = authenticator_data(answer, ATTESTED)?;
        // Relying party, flags and counter; then the attested credential data, of which the first 16 bytes name the model.
        let rest = data.get(37 + 16..).context("no credential")?;
        let (length, rest) = rest.split_first_chunk::<2>().context("no credential")?;
        let (id, key) = rest
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .context("no key")?;
        let key = Value::decode(key)?;
        let coordinate = |number| match member(&key, number) {
            Some(Value::Bytes(bytes)) if bytes.len() == 32 => Ok(bytes.as_slice()),
            _ => bail!("no P-256 key"),
        };
        Ok(Self {
            id: id.to_vec(),
            point: [&[4], coordinate(-2)?, coordinate(-3)?].concat(),
        })
    }

    fn verify(&self, answer: &Value) -> Result<()> {
        let data = authenticator_data(answer, 0)?;
        let Some(Value::Bytes(signature)) = member(answer, 3) else {
            bail!("no signature");
        };
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point);
        let signed = [data, CLIENT_DATA_HASH.as_slice()].concat();
        let verified = key.verify(&signed, signature);
        verified.ok().context("the signature does not fit")
    }
}

fn authenticator_data(answer: &Value, attested: u8) -> Result<&[u8]> {
    let Some(Value::Bytes(data)) = member(answer, 2) else {
        bail!("no authenticator data");
    };
    let (hash, rest) = data.split_at_checked(32).context("too short")?;
    ensure!(
        hash == digest(&SHA256, RP.as_bytes()).as_ref(),
        "another relying party"
    );
    let flags = *rest.first().context("no flags")?;
    ensure!(flags & PRESENT != 0, "nobody was present");
    ensure!(flags & ATTESTED == attested, "attested where it should not");
    Ok(data)
}

fn member(value: &Value, number: i64) -> Option<&Value> {
    match value {
        Value::Map(map) => map.get(&Key::Integer(number)),
        _ => None,
    }
}

fn register() -> Vec<u8> {
    let user = [
        ("id", Value::from(vec![1_u8, 2, 3])),
        ("name", Value::from("anna")),
        ("displayName", Value::from("Anna")),
    ];
    let parameter = [
        ("alg", Value::from(-7)),
        ("type", Value::from("public-key")),
    ];
    let relying_party = [("id", Value::from(RP)), ("name", Value::from("Example"))];
    let parameters = Value::map([
        (1, Value::from(CLIENT_DATA_HASH.to_vec())),
        (2, Value::map(relying_party)),
        (3, Value::map(user)),
        (4, Value::Array(vec![Value::map(parameter)])),
    ]);
    [vec![1], parameters.encode()].concat()
}

fn sign_in(passkey: &Passkey) -> Vec<u8> {
    let allowed = [
        ("id", Value::from(passkey.id.clone())),
        ("type", Value::from("public-key")),
    ];
    let parameters = Value::map([
        (1, Value::from(RP)),
        (2, Value::from(CLIENT_DATA_HASH.to_vec())),
        (3, Value::Array(vec![Value::map(allowed)])),
    ]);
    [vec![2], parameters.encode()].concat()
}

//! A session of hybrid transport, from the first message on. What nobody sealed ends it; what the other side sealed is a request, an
//! answer or an update, whatever is in it, and nothing panics in either role.
//!
//! The input is a list of steps: what to do, how long, and the bytes.
#![no_main]

use std::time::Duration;

use hybrid::session::{Advertised, Asking, Calling, Heard, QrClient, Ready, Reply, Serving};
use hybrid::{Advert, Flow, Limits, SecretKey, SessionError, TunnelDomain};
use libfuzzer_sys::fuzz_target;

const NOW: Duration = Duration::from_secs(7);
const INFO: &[u8] = &[0xa0];

fn key(seed: u8) -> SecretKey {
    SecretKey::from_random(&[seed; 64]).expect("such bytes are a scalar")
}

/// Both sides after the handshake.
fn shaken(first_heard: &[u8]) -> (Ready, Serving) {
    let client = QrClient::new(key(1), [2; 16]).expect("keys are derived");
    let advert = Advert {
        nonce: [3; 10],
        routing_id: [0; 3],
        domain: TunnelDomain::new(266).expect("266 is computed"),
    };
    let code = client.code(Flow::MakeCredential, 1);
    let limits = Limits::default();
    let phone = || Advertised::by_code(&code, &advert, limits, NOW).expect("the code is good");
    // Who did not see the code and hear the advert gets no further.
    assert!(phone().handshake(first_heard, &key(5), INFO, NOW).is_err());
    let (calling, first) =
        Calling::by_code(&client, &advert, &key(4), limits, NOW).expect("the call is written");
    let (serving, [answer, greeting]) = phone()
        .handshake(&first, &key(5), INFO, NOW)
        .expect("the call is good");
    let greeted = calling
        .hear(&answer, NOW)
        .and_then(|shaken| shaken.hear(&greeting, NOW));
    let (ready, info, link) = greeted.expect("the greeting is good");
    assert!(info == INFO && link.is_none());
    (ready, serving)
}

/// One question and its answer, both of any bytes.
fn exchange(ready: Ready, serving: Serving, command: &[u8]) -> Option<(Ready, Serving)> {
    let (asking, message): (Asking, _) = ready.request(command, NOW).ok()?;
    let (serving, answer) = match serving.hear(&message, NOW) {
        Ok(Heard::Request(answering)) => {
            assert_eq!(answering.request(), command);
            answering.answer(command, NOW).ok()?
        }
        Ok(Heard::Answered(serving, answer)) => (serving, answer),
        Ok(Heard::Shutdown(_)) => panic!("nobody said that this was all"),
        Err(SessionError::TooManyRequests | SessionError::Frame(_)) => return None,
        Err(other) => panic!("{other}"),
    };
    match asking.hear(&answer, NOW) {
        Ok(Reply::Answer(ready, _)) => Some((ready, serving)),
        Ok(Reply::Update(..)) => panic!("an answer is no update"),
        Err(_) => None,
    }
}

fuzz_target!(|data: &[u8]| {
    let (mut ready, mut serving) = shaken(data);
    let mut rest = data;
    while let [step, length, after @ ..] = rest {
        let (bytes, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        match step % 4 {
            0 => return assert!(serving.hear(bytes, NOW).is_err()),
            1 => return assert!(ready.hear(bytes, NOW).is_err()),
            2 => {
                let (next, update) = serving.update(None).expect("an empty update fits");
                serving = next;
                ready = ready.hear(&update, NOW).expect("an update is good").0;
            }
            _ => match exchange(ready, serving, bytes) {
                Some(next) => (ready, serving) = next,
                None => return,
            },
        }
    }
    let (_, message) = ready.shutdown(NOW).expect("a shutdown fits");
    assert!(matches!(
        serving.hear(&message, NOW),
        Ok(Heard::Shutdown(_))
    ));
});

//! What ends of a tunnel say to the relay, and the relay to an authenticator that listens. What is read means the same when written again.
#![no_main]

use hybrid::ContactPayload;
use hybrid::relay::{
    Call, ContactSecret, RoutingId, Verdict, client_payload, contact_id, routing_id, tunnel_id,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(call) = Call::from_bytes(data) {
        assert_eq!(Call::from_bytes(&call.to_bytes()), Ok(call));
        for verdict in [Verdict::Comes, Verdict::Forgotten] {
            let said = Verdict::from_bytes(&call.verdict(verdict));
            assert_eq!(said, Ok((call.tunnel, verdict)));
        }
    }
    let _verdict = Verdict::from_bytes(data);
    if let Ok(payload) = ContactPayload::from_cbor(data) {
        assert_eq!(client_payload(&payload.to_hex()), Ok(payload));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _payload = client_payload(text);
        let _contact = contact_id(text);
        let _secret = ContactSecret::from_hex(text);
        if let Ok(routing) = routing_id(text) {
            assert_eq!(RoutingId::from_hex(&routing.to_hex()), Some(routing));
        }
        if let Ok(tunnel) = tunnel_id(text) {
            assert_eq!(tunnel_id(&tunnel.to_hex()), Ok(tunnel));
        }
    }
});

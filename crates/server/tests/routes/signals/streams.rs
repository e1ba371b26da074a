use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{POLL, PUSH, STREAMS, Scene, refused};

#[tokio::test]
async fn the_metadata_names_every_endpoint_at_every_address() {
    let scene = Scene::new().await;
    let tenant = scene.world.app.tenants.default().id;
    let mut documents = Vec::new();
    for path in [
        "/.well-known/ssf-configuration".to_owned(),
        format!("/.well-known/ssf-configuration/{tenant}/v2.0"),
        format!("/{tenant}/v2.0/.well-known/ssf-configuration"),
    ] {
        documents.push(scene.world.browser().get(&path).await.json());
    }
    assert!(documents.iter().all(|one| *one == documents[0]));
    let text = documents[0]
        .to_string()
        .replace(&tenant.to_string(), "TENANT");
    let text: Value = serde_json::from_str(&text).unwrap();
    insta::assert_json_snapshot!(text, @r#"
    {
      "add_subject_endpoint": "https://localhost:8443/ssf/subjects/add",
      "authorization_schemes": [
        {
          "spec_urn": "urn:ietf:rfc:6749"
        }
      ],
      "configuration_endpoint": "https://localhost:8443/ssf/streams",
      "default_subjects": "ALL",
      "delivery_methods_supported": [
        "urn:ietf:rfc:8935",
        "urn:ietf:rfc:8936"
      ],
      "issuer": "https://localhost:8443/TENANT/v2.0",
      "jwks_uri": "https://localhost:8443/TENANT/discovery/v2.0/keys",
      "remove_subject_endpoint": "https://localhost:8443/ssf/subjects/remove",
      "spec_version": "1_0",
      "status_endpoint": "https://localhost:8443/ssf/status",
      "verification_endpoint": "https://localhost:8443/ssf/verify"
    }
    "#);
    let unknown = "/.well-known/ssf-configuration/nobody.example/v2.0";
    assert_eq!(
        scene.world.browser().get(unknown).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_stream_is_made_changed_replaced_and_deleted() {
    let scene = Scene::new().await;
    let made = scene.polled().await;
    let id = made["stream_id"].clone();
    assert_eq!(made["delivery"]["method"], POLL);
    assert_eq!(made["events_requested"], made["events_delivered"]);
    let patch =
        json!({"stream_id": id, "description": "SIEM", "iss": made["iss"], "aud": made["aud"]});
    let patched = scene.ask(Method::PATCH, STREAMS, &patch).await.json();
    assert_eq!(patched["description"], "SIEM");
    assert_eq!(patched["events_requested"], made["events_requested"]);
    let put = json!({"stream_id": id, "delivery": {"method": PUSH, "endpoint_url": "https://receiver.example/"}});
    let replaced = scene.ask(Method::PUT, STREAMS, &put).await.json();
    assert_eq!(replaced["events_requested"], json!([]));
    assert_eq!(replaced["format"], "iss_sub");
    assert!(replaced.get("description").is_none());
    assert_eq!(
        replaced["delivery"]["endpoint_url"],
        "https://receiver.example/"
    );
    let path = format!("/ssf/streams?stream_id={}", id.as_str().unwrap());
    assert_eq!(
        scene.ask(Method::GET, &path, &Value::Null).await.json(),
        replaced
    );
    let gone = scene.ask(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let gone = scene.ask(Method::GET, &path, &Value::Null).await;
    refused(&gone, 404, "not_found");
}

#[tokio::test]
async fn each_change_of_a_stream_has_its_record() {
    let scene = Scene::new().await;
    let made = scene.polled().await;
    scene.world.wait(1);
    let status = json!({"stream_id": made["stream_id"], "status": "paused", "reason": "upgrade"});
    let paused = scene.ask(Method::POST, "/ssf/status", &status).await.json();
    assert_eq!(
        (&paused["status"], &paused["reason"]),
        (&json!("paused"), &json!("upgrade"))
    );
    let tenant = scene.receiver.tenant;
    let records = scene
        .world
        .write(move |tx| {
            Box::pin(async move {
                let all = store::audit::Filter::All;
                store::audit::list(tx, tenant, all, store::Page::first(9)).await
            })
        })
        .await;
    let said = records.iter().map(|one| one.activity.as_str());
    let said: Vec<&str> = said.filter(|one| one.contains("stream")).collect();
    assert_eq!(said, ["Update signal stream", "Add signal stream"]);
}

#[tokio::test]
async fn what_is_not_valid_changes_nothing() {
    let scene = Scene::guarded().await;
    let made = scene.polled().await;
    let id = &made["stream_id"];
    let push = |url: &str| json!({"delivery": {"method": PUSH, "endpoint_url": url}});
    for (body, code) in [
        (json!([]), "not_json"),
        (
            json!({"delivery": {"method": "urn:example"}}),
            "invalid_member",
        ),
        (json!({"delivery": {"method": PUSH}}), "invalid_member"),
        (json!({"format": "phone_number"}), "invalid_member"),
        (json!({"description": "a\nb"}), "invalid_member"),
        (json!({"description": "x".repeat(257)}), "invalid_member"),
        (
            json!({"events_requested": vec!["urn:x"; 65]}),
            "invalid_member",
        ),
        (push("https://127.0.0.1/"), "address_refused"),
        (push("https://10.1.2.3/"), "address_refused"),
        (
            push("https://169.254.169.254/latest/meta-data"),
            "address_refused",
        ),
        (push("https://localhost:9999/"), "address_refused"),
        (push("http://receiver.example/"), "address_refused"),
        (
            push("https://user:word@receiver.example/"),
            "address_refused",
        ),
    ] {
        let answer = scene.ask(Method::POST, STREAMS, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["err"], code, "{body}");
    }
    for body in [
        json!({"description": "no id"}),
        json!({"stream_id": id, "iss": "https://elsewhere.example"}),
        json!({"stream_id": id, "aud": "somebody else"}),
        json!({"stream_id": id, "events_delivered": []}),
        json!({"stream_id": id, "delivery": {"method": PUSH, "endpoint_url": "https://[::1]/"}}),
        json!({"stream_id": id, "delivery": {"method": PUSH, "endpoint_url": "https://r.example/", "authorization_header": "a\r\nb"}}),
    ] {
        let answer = scene.ask(Method::PATCH, STREAMS, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let bad = json!({"stream_id": id, "status": "asleep"});
    let answer = scene.ask(Method::POST, "/ssf/status", &bad).await;
    refused(&answer, 400, "invalid_member");
    let all = scene.ask(Method::GET, STREAMS, &Value::Null).await;
    assert_eq!(all.json(), json!([made]));
}

#[tokio::test]
async fn a_receiver_has_a_few_streams() {
    let scene = Scene::new().await;
    for _ in 0..policy::signals::STREAMS {
        scene.polled().await;
    }
    let answer = scene.ask(Method::POST, STREAMS, &json!({})).await;
    refused(&answer, 409, "too_many_streams");
}

#[tokio::test]
async fn subjects_are_taken_off_and_put_back_however_they_are_named() {
    let scene = Scene::new().await;
    let stream = scene.polled().await;
    let user = scene.world.user("ada@localhost").await;
    let sub = keyward::oidc::claims::pairwise(user.tenant, scene.receiver.id, user.id);
    for subject in [
        json!({"format": "iss_sub", "iss": stream["iss"], "sub": sub}),
        json!({"format": "opaque", "id": user.id.to_string()}),
        json!({"format": "email", "email": "ADA@localhost"}),
    ] {
        let body = json!({"stream_id": stream["stream_id"], "subject": subject, "verified": true});
        let off = scene.ask(Method::POST, "/ssf/subjects/remove", &body).await;
        assert_eq!(off.status, StatusCode::NO_CONTENT, "{}", off.body);
        scene.revoke(&user).await;
        let polled = scene.poll(&stream, json!({})).await;
        assert_eq!(polled["sets"], json!({}), "{subject}");
        let on = scene.ask(Method::POST, "/ssf/subjects/add", &body).await;
        assert_eq!(on.status, StatusCode::OK, "{}", on.body);
        scene.revoke(&user).await;
        let polled = scene.poll(&stream, json!({})).await;
        let [jti]: [&String; 1] = polled["sets"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        scene.poll(&stream, json!({"ack": [jti]})).await;
    }
    for subject in [
        json!({"format": "iss_sub", "iss": "https://other.example", "sub": sub}),
        json!({"format": "email", "email": "nobody@localhost"}),
        json!({"format": "opaque", "id": "x"}),
    ] {
        let body = json!({"stream_id": stream["stream_id"], "subject": subject});
        let answer = scene.ask(Method::POST, "/ssf/subjects/add", &body).await;
        refused(&answer, 404, "not_found");
    }
}

#[tokio::test]
async fn tests_of_a_stream_are_rare() {
    let scene = Scene::new().await;
    let stream = scene.polled().await;
    let body = json!({"stream_id": stream["stream_id"], "state": "VGhpcyBpcyBhbiBleGFtcGxl"});
    let sent = scene.ask(Method::POST, "/ssf/verify", &body).await;
    assert_eq!(sent.status, StatusCode::NO_CONTENT);
    let again = scene.ask(Method::POST, "/ssf/verify", &body).await;
    refused(&again, 429, "verification_too_soon");
    let polled = scene.poll(&stream, json!({})).await;
    let sets = polled["sets"].as_object().unwrap();
    assert_eq!(sets.len(), 1);
    let claims = scene
        .claims(sets.values().next().unwrap().as_str().unwrap())
        .await;
    assert_eq!(
        claims["sub_id"],
        json!({"format": "opaque", "id": stream["stream_id"]})
    );
    let uri = "https://schemas.openid.net/secevent/ssf/event-type/verification";
    assert_eq!(claims["events"][uri]["state"], body["state"]);
    scene.world.wait(5);
    let sent = scene.ask(Method::POST, "/ssf/verify", &body).await;
    assert_eq!(sent.status, StatusCode::NO_CONTENT);
}

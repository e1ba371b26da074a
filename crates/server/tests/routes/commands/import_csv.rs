//! `keyward admin import-csv`.

use policy::model::User;

use super::{admin, json, told};
use crate::world::TestApp;

const HEADER: &str =
    "userPrincipalName,displayName,givenName,surname,mail,externalId,accountEnabled,jobTitle\n";

async fn user(world: &TestApp, name: &str) -> Option<User> {
    let tenant = world.app.tenants.default().id;
    let name = name.to_owned();
    let found = world.app.store.read(move |tx| {
        Box::pin(async move { store::users::find_by_name(tx, tenant, &name).await })
    });
    let found: Result<_, store::StoreError> = found.await;
    found.unwrap()
}

#[tokio::test]
async fn a_table_makes_and_changes_accounts() {
    let world = TestApp::new().await;
    let bob = world.user("bob@localhost").await;
    let table = format!(
        "{HEADER}ada@localhost,,Ada,Lovelace,ada@post.example,7,,Countess\r\n\
         BOB@localhost,\"Bob, the builder\",,,,,false,\r\n\
         {},,,,,,,\r\n",
        world.first.administrator
    );
    let looked = admin(&world, "import-csv", &table, &[]);
    assert!(looked.status.success(), "{looked:?}");
    let text = told(&looked);
    for line in [
        "line 2: ada@localhost is new",
        "line 3: BOB@localhost changes: DisplayName, AccountEnabled",
        "columns left aside: jobTitle",
        "1 new, 1 changed, 1 as they should be, 0 refused",
        "nothing is written without --apply",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}: {text}");
    }
    assert!(user(&world, "ada@localhost").await.is_none());
    assert!(world.audits(&bob).await.is_empty());
    let applied = json(&admin(&world, "import-csv", &table, &["--apply", "--json"]));
    assert_eq!(applied["written"], true);
    assert_eq!(applied["people"][0]["outcome"], "added");
    let ada = user(&world, "ada@localhost").await.unwrap();
    assert_eq!(
        (ada.display_name.as_str(), ada.enabled),
        ("Ada Lovelace", true)
    );
    assert_eq!(ada.mail.as_deref(), Some("ada@post.example"));
    let changed = user(&world, "bob@localhost").await.unwrap();
    assert_eq!(changed.user_principal_name, "bob@localhost");
    assert_eq!(
        (changed.display_name.as_str(), changed.enabled),
        ("Bob, the builder", false)
    );
    let records = world.audits(&bob).await;
    let mut activities: Vec<_> = records.iter().map(|one| one.activity.as_str()).collect();
    activities.sort_unstable();
    assert_eq!(activities, ["Disable account", "Update user"]);
    let correlation = applied["correlationId"].as_str().unwrap();
    assert!(
        records
            .iter()
            .all(|one| one.correlation.to_string() == correlation)
    );
    let again = json(&admin(&world, "import-csv", &table, &["--apply", "--json"]));
    assert_eq!(
        (again["same"].as_u64(), again["added"].as_u64()),
        (Some(3), Some(0))
    );
}

#[tokio::test]
async fn one_refused_line_keeps_all_others_out() {
    let world = TestApp::new().await;
    let guest = world.guest("guest@localhost").await;
    let table = "userPrincipalName,displayName,mail,userType\n\
                 ada@localhost,Ada,,\n\
                 eve@elsewhere.example,Eve,,\n\
                 kim@localhost,Kim,no address,\n\
                 guest@localhost,,,Member\n";
    let refused = admin(&world, "import-csv", table, &["--apply", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let stderr = String::from_utf8(refused.stderr.clone()).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let report = json(&refused);
    assert_eq!(
        (report["written"].as_bool(), report["refused"].as_u64()),
        (Some(false), Some(3))
    );
    for (at, line) in [(1, 3), (2, 4), (3, 5)] {
        assert_eq!(report["people"][at]["line"], line);
        assert_eq!(report["people"][at]["code"], "field_invalid");
    }
    assert!(user(&world, "ada@localhost").await.is_none());
    assert!(world.audits(&guest).await.is_empty());
}

#[tokio::test]
async fn looking_finds_what_only_writing_could_refuse() {
    let world = TestApp::new().await;
    let table = format!(
        "userPrincipalName,accountEnabled\nada@localhost,\n{},false\n",
        world.first.administrator
    );
    for flags in [&["--json"][..], &["--json", "--apply"]] {
        let refused = admin(&world, "import-csv", &table, flags);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(json(&refused)["people"][1]["code"], "last_administrator");
    }
    assert!(user(&world, "ada@localhost").await.is_none());
    assert!(
        user(&world, &world.first.administrator)
            .await
            .unwrap()
            .enabled
    );
}

#[tokio::test]
async fn what_is_no_table_of_people_is_refused_in_one_line() {
    let world = TestApp::new().await;
    for (text, line) in [
        ("", "csv_empty"),
        ("userPrincipalName,password\n", "column_unknown"),
        ("userPrincipalName\n\"ada@localhost\n", "csv_open_quote"),
        (
            "userPrincipalName\nada@localhost\nADA@localhost\n",
            "person_twice",
        ),
    ] {
        let refused = admin(&world, "import-csv", text, &["--apply"]);
        assert_eq!(refused.status.code(), Some(1));
        let stderr = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(line), "{stderr}");
    }
}

/// The command may be run without the server's flags, and must not take its own for the deployment's.
#[tokio::test]
async fn the_rp_id_stays_what_the_server_made_it() {
    let world = TestApp::new().await;
    let flags = [
        "--apply",
        "--public-url",
        "https://other.localhost",
        "--rp-id",
        "other.localhost",
    ];
    let done = admin(
        &world,
        "import-csv",
        "userPrincipalName\nada@localhost\n",
        &flags,
    );
    assert!(done.status.success(), "{done:?}");
    let tenant = world.app.tenants.default().id;
    let pinned = world
        .app
        .store
        .read(move |tx| Box::pin(async move { store::settings::get(tx, tenant, "rpId").await }));
    let pinned: Result<_, store::StoreError> = pinned.await;
    assert_eq!(pinned.unwrap().as_deref(), Some("\"localhost\""));
}

// npm openid-client against a running demonstration. usage: client.js WORLD

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import * as oidc from "openid-client";
import { Person } from "./person.js";

const world = JSON.parse(readFileSync(process.argv[2], "utf8"));
const issuer = new URL(`${world.origin}/${world.tenantId}/v2.0`);
const user = world.users.find((each) => each.password && each.totpSecret && each.roles.length === 0);
let failures = 0;

async function step(name, run) {
  try {
    await run();
    console.log(`ok      openid-client: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  openid-client: ${name}: ${error.stack ?? error} ${error.cause ? JSON.stringify(error.cause) : ""}`);
  }
}

function assert(condition, text) {
  if (!condition) throw new Error(text);
}

async function refused(promise, error) {
  const reason = await promise.then(
    () => "nothing was refused",
    (thrown) => thrown.error ?? String(thrown),
  );
  assert(reason === error, `expected ${error}, got ${reason}`);
}

async function authorize(config, person, redirectUri, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...more,
  });
  const back = await person.goTo(address, redirectUri);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { back, checks };
}

async function flow(name, clientId, secret, authentication, redirectUri) {
  const config = await oidc.discovery(issuer, clientId, secret, authentication);
  oidc.enableNonRepudiationChecks(config);
  const person = new Person(world.origin, user);
  let tokens;
  await step(`${name}: code + PKCE, ID token signature checked`, async () => {
    const { back, checks } = await authorize(config, person, redirectUri);
    assert(back.searchParams?.get("code"), `no code: ${back.href} ${back.html ?? ""}`);
    assert(back.searchParams.get("iss") === issuer.href, "the answer names no issuer (RFC 9207)");
    tokens = await oidc.authorizationCodeGrant(config, back, checks);
    const claims = tokens.claims();
    assert(claims.oid === user.id && claims.tid === world.tenantId && claims.ver === "2.0", JSON.stringify(claims));
    assert(claims.preferred_username === user.userPrincipalName, JSON.stringify(claims));
    assert(claims.amr.includes("mfa") && claims.sid && claims.uti && claims.auth_time, JSON.stringify(claims));
  });
  if (!tokens) return;
  await step(`${name}: userinfo`, async () => {
    const info = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert(info.preferred_username === user.userPrincipalName, JSON.stringify(info));
  });
  let renewed;
  await step(`${name}: refresh rotates`, async () => {
    renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert(renewed.refresh_token && renewed.refresh_token !== tokens.refresh_token, "not rotated");
    assert(renewed.claims().sub === tokens.claims().sub, "another subject");
    const twin = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert(twin.refresh_token === renewed.refresh_token, "within the grace the successor is the same");
  });
  await step(`${name}: single sign-on, then prompt=none, in the same browser`, async () => {
    const { back, checks } = await authorize(config, person, redirectUri, { prompt: "none" });
    const silent = await oidc.authorizationCodeGrant(config, back, checks);
    assert(silent.claims().sub === tokens.claims().sub, "another subject");
  });
  await step(`${name}: prompt=none without a session is login_required`, async () => {
    const { back, checks } = await authorize(config, new Person(world.origin, user), redirectUri, { prompt: "none" });
    await refused(oidc.authorizationCodeGrant(config, back, checks), "login_required");
  });
  await step(`${name}: a code works once, and again ends what it gave`, async () => {
    const { back, checks } = await authorize(config, person, redirectUri);
    const first = await oidc.authorizationCodeGrant(config, back, checks);
    await refused(oidc.authorizationCodeGrant(config, back, checks), "invalid_grant");
    await refused(oidc.refreshTokenGrant(config, first.refresh_token), "invalid_grant");
  });
  await step(`${name}: another verifier is refused`, async () => {
    const { back, checks } = await authorize(config, person, redirectUri);
    const other = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
    await refused(oidc.authorizationCodeGrant(config, back, other), "invalid_grant");
  });
  await step(`${name}: an unregistered address is answered on a page`, async () => {
    const { back } = await authorize(config, person, "https://app.example.org/elsewhere");
    assert(back.status === 400 && back.html.includes("redirect_unregistered"), `${back.status} ${back.href}`);
  });
  return { config, person, tokens, renewed, redirectUri };
}

async function signOut(name, { config, person, tokens, renewed, redirectUri }) {
  await step(`${name}: logout ends the session and what it gave`, async () => {
    const address = oidc.buildEndSessionUrl(config, {
      id_token_hint: renewed.id_token,
      post_logout_redirect_uri: redirectUri,
      state: "bye",
    });
    const back = await person.goTo(address, redirectUri);
    assert(back.searchParams?.get("state") === "bye", `${back.href} ${back.html ?? ""}`);
    const { back: silent, checks } = await authorize(config, person, redirectUri, { prompt: "none" });
    await refused(oidc.authorizationCodeGrant(config, silent, checks), "login_required");
    await refused(oidc.refreshTokenGrant(config, renewed.refresh_token), "invalid_grant");
    await refused(
      oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub).catch((e) => Promise.reject({ error: e.cause?.[0]?.parameters?.error })),
      "invalid_token",
    );
  });
}

const web = world.webClient;
const [publicUri] = world.publicClient.redirectUris;
const browser = await flow("public client", world.publicClient.clientId, undefined, oidc.None(), publicUri);
// One one-time code works once; the next one comes within 30 seconds. The wait also outlives the grace of a refresh token.
await wait(31_000);
await step("public client: a used refresh token after its grace ends the family", async () => {
  const { config, tokens, renewed } = browser;
  await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
  await refused(oidc.refreshTokenGrant(config, renewed.refresh_token), "invalid_grant");
});
const server = await flow("confidential client", web.clientId, web.clientSecret, oidc.ClientSecretBasic(web.clientSecret), web.redirectUris[0]);
if (server) await signOut("confidential client", server);
await step("a wrong secret is invalid_client", async () => {
  const config = await oidc.discovery(issuer, web.clientId, "wrong", oidc.ClientSecretPost("wrong"));
  await refused(oidc.refreshTokenGrant(config, "anything"), "invalid_client");
});
await step("an application acts as itself with client_credentials", async () => {
  const { clientId, clientSecret } = world.graph;
  const config = await oidc.discovery(issuer, clientId, clientSecret, oidc.ClientSecretPost(clientSecret));
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "https://graph.microsoft.com/.default" });
  assert(tokens.access_token && !tokens.refresh_token && !tokens.id_token, "more than an access token");
});
await step("an application signs instead of sending a secret, and asks about its token", async () => {
  const { clientId, privateKey, keyId } = world.graph;
  const key = await crypto.subtle.importKey("pkcs8", Buffer.from(privateKey, "base64"), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const config = await oidc.discovery(issuer, clientId, undefined, oidc.PrivateKeyJwt({ key, kid: keyId }));
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "https://graph.microsoft.com/.default" });
  const facts = await oidc.tokenIntrospection(config, tokens.access_token);
  assert(facts.active && facts.client_id === clientId, JSON.stringify(facts));
});
await step("a public client pushes its request", async () => {
  const { config, person } = browser;
  const verifier = oidc.randomPKCECodeVerifier();
  const address = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: publicUri,
    scope: "openid",
    state: "pushed",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  assert(!address.searchParams.has("scope") && address.searchParams.has("request_uri"), address.href);
  const back = await person.goTo(address, publicUri);
  const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: "pushed" });
  assert(tokens.claims().oid === user.id, JSON.stringify(tokens.claims()));
});
await step("a public client gives its token back", async () => {
  const { config, person } = browser;
  const { back, checks } = await authorize(config, person, publicUri);
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  await oidc.tokenRevocation(config, tokens.refresh_token);
  await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
});
await step("tokens bound to a key work with it and not without it (DPoP)", async () => {
  const { config, person } = browser;
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair("ES256"));
  const dpop_jkt = await DPoP.calculateThumbprint();
  const { back, checks } = await authorize(config, person, publicUri, { dpop_jkt, scope: "openid offline_access User.Read" });
  await refused(oidc.authorizationCodeGrant(config, back, checks), "invalid_dpop_proof");
  const tokens = await oidc.authorizationCodeGrant(config, back, checks, undefined, { DPoP });
  assert(tokens.token_type === "dpop", tokens.token_type);
  const sub = tokens.claims().sub;
  const info = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
  assert(info.sub === sub, JSON.stringify(info));
  const graph = new URL("/v1.0/me", world.origin);
  const me = await oidc.fetchProtectedResource(config, tokens.access_token, graph, "GET", null, undefined, { DPoP });
  assert(me.status === 200, `${me.status} ${await me.text()}`);
  const bare = await fetch(graph, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert(bare.status === 401, `as a bearer token: ${bare.status}`);
  await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), "invalid_dpop_proof");
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert(renewed.token_type === "dpop", renewed.token_type);
});
await step("an application on this machine registers itself and signs somebody in", async () => {
  const own = "http://127.0.0.1:53699/back";
  const metadata = { client_name: "Tried out", redirect_uris: [own], token_endpoint_auth_method: "client_secret_post" };
  const config = await oidc.dynamicClientRegistration(issuer, metadata, oidc.ClientSecretPost());
  const { back, checks } = await authorize(config, browser.person, own);
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  assert(tokens.claims().oid === user.id, JSON.stringify(tokens.claims()));
  const elsewhere = { redirect_uris: ["https://app.example.org/back"] };
  await refused(oidc.dynamicClientRegistration(issuer, elsewhere, oidc.None()), "invalid_redirect_uri");
});
process.exit(failures === 0 ? 0 : 1);

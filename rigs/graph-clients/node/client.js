// @microsoft/microsoft-graph-client against a running demonstration. usage: client.js WORLD EXCHANGES

import { appendFileSync, readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import * as msal from "@azure/msal-node";
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { signIn } from "./chromium.js";
import { SoftwareKey } from "./key.js";
import { Person } from "./person.js";

const [, , worldFile, exchanges] = process.argv;
const world = JSON.parse(readFileSync(worldFile, "utf8"));
const host = new URL(world.origin).host;
const named = (name) => world.users.find((each) => each.userPrincipalName.startsWith(`${name}@`));
const ada = named("ada");
let failures = 0;

async function step(name, run) {
  try {
    await run();
    console.log(`ok      graph-client: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  graph-client: ${name}: ${error.stack ?? error} ${error.body ?? ""}`);
  }
}

function equal(found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
}

async function refused(promise, status, code) {
  const error = await promise.then(
    () => ({ statusCode: "nothing was refused" }),
    (thrown) => thrown,
  );
  equal([error.statusCode, error.code], [status, code]);
}

// Every answer is kept; `answers.py` compares them with Microsoft's schema.
const fetched = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const response = await fetched(...request);
  if (response.url.startsWith(`${world.origin}/v1.0/`)) {
    const body = await response.clone().text();
    appendFileSync(exchanges, `${JSON.stringify({ by: "graph-client", method: request[1]?.method ?? "GET", url: response.url, status: response.status, body })}\n`);
  }
  return response;
};

const client = (authProvider) =>
  Client.initWithMiddleware({ authProvider, baseUrl: `${world.origin}/`, defaultVersion: "v1.0", customHosts: new Set(["localhost"]) });

function application() {
  const { clientId, clientSecret } = world.graph;
  const options = { authorityHost: world.origin, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(world.tenantId, clientId, clientSecret, options);
  return client(new TokenCredentialAuthenticationProvider(credential, { scopes: ["https://graph.microsoft.com/.default"] }));
}

/** Somebody signs in to the installed client, which then asks in their name. */
async function delegated(user, scopes) {
  const { clientId, redirectUris } = world.publicClient;
  const authority = `${world.origin}/${world.tenantId}`;
  const app = new msal.PublicClientApplication({ auth: { clientId, authority, knownAuthorities: [host] } });
  const { verifier, challenge } = await new msal.CryptoProvider().generatePkceCodes();
  const asked = { scopes, redirectUri: redirectUris[0] };
  const address = await app.getAuthCodeUrl({ ...asked, codeChallenge: challenge, codeChallengeMethod: "S256" });
  const back = await new Person(world.origin, user).goTo(address, redirectUris[0]);
  const held = await app.acquireTokenByCode({ ...asked, code: back.searchParams?.get("code"), codeVerifier: verifier });
  return client({ getAccessToken: async () => held.accessToken });
}

const graph = application();

await step("users come page by page, and no user twice", async () => {
  const first = await graph.api("/users").top(3).select("id,userPrincipalName").get();
  equal(first.value.length, 3);
  const seen = new Set();
  const pages = new PageIterator(graph, first, ({ id }) => Boolean(seen.add(id)));
  await pages.iterate();
  equal(seen.size >= world.users.length && world.users.every(({ id }) => seen.has(id)), true);
});
await step("a user is made, changed, read by name and deleted", async () => {
  const userPrincipalName = `temporary@${world.tenantDomain}`;
  const made = await graph.api("/users").post({
    accountEnabled: true,
    displayName: "Temporary",
    mailNickname: "temporary",
    userPrincipalName,
    passwordProfile: { forceChangePasswordNextSignIn: true, password: "a long one that nobody knows" },
  });
  equal(await graph.api(`/users/${made.id}`).patch({ displayName: "Changed" }), undefined);
  equal((await graph.api(`/users/${userPrincipalName}`).get()).displayName, "Changed");
  await graph.api(`/users/${made.id}`).delete();
  await refused(graph.api(`/users/${made.id}`).get(), 404, "Request_ResourceNotFound");
});
await step("a group is made, filled, searched and deleted", async () => {
  const made = await graph.api("/groups").post({ displayName: "Pilots", mailEnabled: false, mailNickname: "pilots", securityEnabled: true, groupTypes: [] });
  await graph.api(`/groups/${made.id}/members/$ref`).post({ "@odata.id": `${world.origin}/v1.0/directoryObjects/${ada.id}` });
  const members = await graph.api(`/groups/${made.id}/members`).get();
  equal(members.value.map((each) => [each["@odata.type"], each.id]), [["#microsoft.graph.user", ada.id]]);
  const found = await graph.api("/groups").filter("displayName eq 'Pilots'").header("ConsistencyLevel", "eventual").count(true).get();
  equal([found["@odata.count"], found.value[0].id], [1, made.id]);
  await graph.api(`/groups/${made.id}/members/${ada.id}/$ref`).delete();
  await graph.api(`/groups/${made.id}`).delete();
});

const passkeys = `/users/${ada.id}/authentication/fido2Methods`;
const key = new SoftwareKey();
let options;
let passkey;
await step("a passkey is provisioned", async () => {
  options = await graph.api(`${passkeys}/creationOptions`).get();
  const publicKeyCredential = key.create(options.publicKey);
  passkey = await graph.api(passkeys).post({ displayName: "Key from a program", publicKeyCredential });
  equal([passkey.displayName, passkey.passkeyType, passkey.attestationLevel], ["Key from a program", "deviceBound", "notAttested"]);
  const all = await graph.api(passkeys).get();
  equal(all.value.map(({ id }) => id), [passkey.id]);
  const methods = await graph.api(`/users/${ada.id}/authentication/methods`).get();
  equal(methods.value.some((each) => each["@odata.type"] === "#microsoft.graph.fido2AuthenticationMethod" && each.id === passkey.id), true);
});
await step("a challenge works once", async () => {
  const publicKeyCredential = new SoftwareKey().create(options.publicKey);
  await refused(graph.api(passkeys).post({ displayName: "Again", publicKeyCredential }), 400, "Request_BadRequest");
});
await step("it signs its owner in, in Chromium", async () => {
  const before = await graph.api(`${passkeys}/${passkey.id}`).version("beta").get();
  equal(before.lastUsedDateTime, null);
  const page = await signIn(world.origin, `${world.origin}/security-info`, key, options.publicKey.user.id);
  equal(page.includes(ada.userPrincipalName) && page.includes("Key from a program"), true);
  const after = await graph.api(`${passkeys}/${passkey.id}`).version("beta").get();
  equal(typeof after.lastUsedDateTime, "string");
});

let helper;
await step("somebody signs in, and the client asks in their name", async () => {
  helper = await delegated(named("grace"), ["User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Policy.Read.All"]);
  equal((await helper.api("/me").get()).userPrincipalName, named("grace").userPrincipalName);
});
await step("who may help people renames and deletes it", async () => {
  equal((await helper.api(`${passkeys}/${passkey.id}`).patch({ displayName: "Renamed" })).displayName, "Renamed");
  equal((await helper.api(`${passkeys}/${passkey.id}`).get()).displayName, "Renamed");
  await helper.api(`${passkeys}/${passkey.id}`).delete();
  equal((await graph.api(passkeys).get()).value, []);
});
await step("but changes no policy, and no administrator", async () => {
  const policy = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2";
  await refused(helper.api(policy).patch({ state: "disabled" }), 403, "Authorization_RequestDenied");
  const administrator = `/users/${named("admin").id}/authentication/temporaryAccessPassMethods`;
  await refused(helper.api(administrator).post({}), 403, "Authorization_RequestDenied");
});
await step("a batch answers each of its requests", async () => {
  const request = (url) => new Request(`${world.origin}/v1.0${url}`);
  const parts = ["/users?$top=1", `/users/${ada.id}`, "/nowhere"].map((url, at) => ({ id: String(at + 1), request: request(url) }));
  const content = await new BatchRequestContent(parts).getContent();
  const answers = new BatchResponseContent(await graph.api("/$batch").post(content));
  equal([1, 2, 3].map((id) => answers.getResponseById(String(id)).status), [200, 200, 404]);
});
await step("the logs know all of it", async () => {
  const signIns = graph.api("/auditLogs/signIns");
  const [last] = (await signIns.filter(`userId eq '${ada.id}' and status/errorCode eq 0`).top(1).get()).value;
  equal([last.userPrincipalName, last["keyward@passkeyType"]], [ada.userPrincipalName, "deviceBound"]);
  equal((await graph.api(`/auditLogs/signIns/${last.id}`).get()).correlationId, last.correlationId);
  const audits = await graph.api("/auditLogs/directoryAudits").filter(`targetResources/any(t: t/id eq '${ada.id}')`).get();
  const who = audits.value.map(({ initiatedBy }) => initiatedBy.app?.appId ?? initiatedBy.user?.id);
  equal([who.includes(world.graph.clientId), who.includes(named("grace").id)], [true, true]);
  const details = await graph.api(`/reports/authenticationMethods/userRegistrationDetails/${ada.id}`).get();
  equal([details.userPrincipalName, details.isPasswordlessCapable], [ada.userPrincipalName, false]);
});
await step("a token that is none is 401, and the client says so", async () => {
  await refused(client({ getAccessToken: async () => "none" }).api("/users").get(), 401, "InvalidAuthenticationToken");
});
process.exit(failures === 0 ? 0 : 1);

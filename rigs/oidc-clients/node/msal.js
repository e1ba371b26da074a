// @azure/msal-node against a running demonstration. usage: msal.js WORLD

import { readFileSync } from "node:fs";
import * as msal from "@azure/msal-node";
import { Person } from "./person.js";

const world = JSON.parse(readFileSync(process.argv[2], "utf8"));
const user = world.users.find((each) => each.roles.includes("Authentication Administrator"));
const graph = "https://graph.microsoft.com/.default";
const host = new URL(world.origin).host;
let failures = 0;

async function step(name, run) {
  try {
    await run();
    console.log(`ok      msal-node: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  msal-node: ${name}: ${error.stack ?? error}`);
  }
}

function equal(found, wanted) {
  if (found !== wanted) throw new Error(`${found} is not ${wanted}`);
}

const auth = (clientId, authority, more = {}) => ({ auth: { clientId, authority, knownAuthorities: [host], ...more } });

async function signIn(app, person, redirectUri, more = {}) {
  const { verifier, challenge } = await new msal.CryptoProvider().generatePkceCodes();
  const scopes = ["User.Read"];
  const state = "a state";
  const address = await app.getAuthCodeUrl({ scopes, redirectUri, state, codeChallenge: challenge, codeChallengeMethod: "S256", ...more });
  const back = await person.goTo(address, redirectUri);
  if (!back.searchParams?.get("code")) throw new Error(`no code: ${back.href} ${back.html ?? ""}`);
  equal(back.searchParams.get("state"), state);
  return app.acquireTokenByCode({ scopes, redirectUri, code: back.searchParams.get("code"), codeVerifier: verifier });
}

const person = new Person(world.origin, user);
const [redirectUri] = world.publicClient.redirectUris;
for (const where of [world.tenantId, world.tenantId.toUpperCase(), world.tenantDomain, "organizations", "common"]) {
  await step(`code + PKCE, cache, refresh and the account at ${where === world.tenantId ? "the tenant" : where}`, async () => {
    const app = new msal.PublicClientApplication(auth(world.publicClient.clientId, `${world.origin}/${where}`));
    const held = await signIn(app, person, redirectUri);
    equal(held.idTokenClaims.oid, user.id);
    equal(held.tenantId, world.tenantId);
    equal(held.account.homeAccountId, `${user.id}.${world.tenantId}`);
    equal(held.account.username, user.userPrincipalName);
    const [account] = await app.getTokenCache().getAllAccounts();
    const cached = await app.acquireTokenSilent({ account, scopes: ["User.Read"] });
    equal(cached.accessToken, held.accessToken);
    const renewed = await app.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true });
    if (renewed.accessToken === held.accessToken) throw new Error("not renewed");
  });
}
await step("a confidential client signs somebody in", async () => {
  const { clientId, clientSecret, redirectUris } = world.webClient;
  const app = new msal.ConfidentialClientApplication(auth(clientId, `${world.origin}/${world.tenantId}`, { clientSecret }));
  const held = await signIn(app, person, redirectUris[0]);
  equal(held.account.homeAccountId, `${user.id}.${world.tenantId}`);
});
await step("an application acts as itself, and a wrong secret is AADSTS7000215", async () => {
  const { clientId, clientSecret } = world.graph;
  const as = (secret) => new msal.ConfidentialClientApplication(auth(clientId, `${world.origin}/${world.tenantId}`, { clientSecret: secret }));
  const held = await as(clientSecret).acquireTokenByClientCredential({ scopes: [graph] });
  equal(held.tokenType, "Bearer");
  const refused = await as("wrong")
    .acquireTokenByClientCredential({ scopes: [graph] })
    .then(() => "nothing was refused", (error) => error);
  equal(refused.errorCode, "invalid_client");
  if (!refused.message.includes("AADSTS7000215")) throw new Error(refused.message);
});
process.exit(failures === 0 ? 0 : 1);

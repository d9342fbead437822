// A certified OpenID provider for tests: node provider.mjs LIBRARY PORT CALLBACK. Whoever signs in is who they say;
// "boss" is an operator.
import { generateKeyPairSync } from "node:crypto";

const [, , library, port, callback] = process.argv;
const { Provider } = await import(library);
// To a browser another site than the hub's, which is 127.0.0.1.
const issuer = `http://localhost:${port}`;

const key = (type, more, alg) => ({ ...generateKeyPairSync(type, more).privateKey.export({ format: "jwk" }), alg, use: "sig" });
const api = {
  audience: "https://city.example/api", scope: "api", accessTokenFormat: "jwt", accessTokenTTL: 4,
  jwt: { sign: { alg: "ES256" } },
};
const provider = new Provider(issuer, {
  clients: [
    { client_id: "madang", client_secret: "a secret: 100% / +", redirect_uris: [callback], grant_types: ["authorization_code"], response_types: ["code"] },
    { client_id: "counter-7", client_secret: "counter", redirect_uris: [], grant_types: ["client_credentials"], response_types: [] },
  ],
  jwks: { keys: [key("rsa", { modulusLength: 2048 }, "RS256"), key("ec", { namedCurve: "P-256" }, "ES256")] },
  pkce: { required: () => true },
  claims: { openid: ["sub", "roles"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: id === "boss" ? ["operator", "No Word"] : ["resident"] }) }),
  extraTokenClaims: () => ({ roles: ["counter"], purposes: ["counting"] }),
  cookies: { keys: ["only for tests"] },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: () => api, useGrantedResource: () => true },
  },
});
provider.listen(Number(port), "localhost", () => console.log("listening"));

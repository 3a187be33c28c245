// A certified OpenID provider on the loopback, for tests: `node provider.mjs <port> <client> <redirect URI> …`.
// Whoever signs in says who they are; what is known of them follows from that name.
import Provider from "oidc-provider";

const [port, client, ...redirects] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function claims(sub) {
  const known = { sub, name: `${sub[0].toUpperCase()}${sub.slice(1)} Bee`, preferred_username: sub };
  if (sub.startsWith("bare")) return { sub };
  return { ...known, email: `${sub}@example.com`, email_verified: !sub.startsWith("unproven") };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: `${client}-secret-of-the-tests`,
      redirect_uris: redirects,
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => claims(sub) }),
});

provider.listen(Number(port), "127.0.0.1");

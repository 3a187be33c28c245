// The paths of a project's pages. Short names may be of any script and have nearly any sign.

export const projectPath = (shortName, rest = "") => `/project/${encodeURIComponent(shortName)}/${rest}`;

// What follows the project's own path in this one, however either is encoded; null for a path elsewhere.
export function restWithin(home, pathname) {
  const [inside, path] = [home, pathname].map(decoded);
  return path.startsWith(inside) ? path.slice(inside.length) : null;
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

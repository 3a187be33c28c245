// The paths of a project's pages. Short names may be of any script and have nearly any sign.

/** @param {string} shortName @param {string} rest */
export const projectPath = (shortName, rest = "") => `/project/${encodeURIComponent(shortName)}/${rest}`;

/**
 * What follows the project's own path in this one, however either is encoded; null for a path elsewhere.
 * @param {string} home @param {string} pathname
 */
export function restWithin(home, pathname) {
  const [inside, path] = [home, pathname].map(decoded);
  return path.startsWith(inside) ? path.slice(inside.length) : null;
}

/** @param {string} path */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

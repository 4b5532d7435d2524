/** User and password of a URL, as given, without their escapes, and as a header spells them: all of them are secrets. */
export function urlSecrets(text: string | undefined): readonly string[] {
  const url = URL.parse(text ?? '');
  if (url === null || (url.username === '' && url.password === '')) return [];
  const { username, password } = url;
  const [user, plain] = [decoded(username), decoded(password)];
  const both = [`${username}:${password}`, `${user}:${plain}`, Buffer.from(`${user}:${plain}`).toString('base64')];
  return [...new Set([username, user, password, plain, ...both])].filter((secret) => secret !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone `%` is no escape: the text is then its own only spelling.
  }
}

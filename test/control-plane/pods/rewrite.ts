/** A folder of this machine that stands for a path of the container. */
export interface LocalMount {
  /** Absolute path in the container. */
  readonly mountPath: string;
  readonly localPath: string;
}

/**
 * Puts the local folder where a text names a mounted path: the whole text, or what follows the first `=`
 * (`--flag=/path`), equals a mount path or begins with it and a slash. The longest mount path wins. Nothing else
 * changes: a path in the middle of a text may be the far side's.
 */
export function rewriteMountPaths(text: string, mounts: readonly LocalMount[]): string {
  const equals = text.indexOf('=');
  const starts = equals === -1 ? [0] : [0, equals + 1];
  const longestFirst = [...mounts].sort((a, b) => b.mountPath.length - a.mountPath.length);
  for (const start of starts) {
    const path = text.slice(start);
    for (const mount of longestFirst) {
      const mountPath = trimSlash(mount.mountPath);
      if (path !== mountPath && !path.startsWith(`${mountPath}/`)) continue;
      return text.slice(0, start) + mount.localPath + path.slice(mountPath.length);
    }
  }
  return text;
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/u, '') : path;
}

/** Kubernetes' own substitution: `$(NAME)` of a known variable becomes its value, `$$` a dollar sign, all else stays. */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\$|\((?<name>[^()]+)\))/gu, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : whole;
  });
}

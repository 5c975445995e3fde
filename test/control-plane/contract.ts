/** What a finished program said. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  /** Written to its standard input. */
  readonly input?: string;
  /** Path of another kubeconfig than the administrator's. */
  readonly kubeconfig?: string;
}

/** A running Kubernetes API server for tests and the demo (design section 6). */
export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** URL of the API server. */
  readonly server: string;
  /** Folder of the files of this run; gone after `stop`. */
  readonly directory: string;
  /** Path of the API server's audit log, one JSON event a line; '' where the API server is not ours to configure. */
  readonly auditLog: string;
  /** Runs kubectl; a failure of the command is in `code`, never thrown. */
  kubectl(args: string[], options?: KubectlOptions): Promise<CommandResult>;
  /**
   * Path of a kubeconfig that acts as that ServiceAccount through a bound token (TokenRequest, 8 hours).
   * Throws ControlPlaneError when the account does not exist.
   */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /**
   * Ends the API server, waits `downMs` milliseconds (default 0), starts it on the same address and waits until it is
   * ready. Throws ControlPlaneError where the API server is not ours to restart.
   */
  restartApiServer(options?: { downMs?: number }): Promise<void>;
  /** Ends everything that was started and removes `directory`. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Receives one line for each thing that a waiting person wants to know. Default: nothing is said. */
  readonly log?: (line: string) => void;
  /** Aborting it ends the start, or stops what was started. */
  readonly signal?: AbortSignal;
}

/** One line for a person: what is wrong and what to do about it. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
}

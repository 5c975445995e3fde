import { describe, expect, it } from 'vitest';
import { diskFull, explainBuildOutput, explainFileError, goMissing, goTooOld, portsBusy, unsupportedPlatform } from './problems.ts';

function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: something`), { code });
}

describe('what a person reads when it cannot start', () => {
  it.each([
    { problem: goMissing('1.26.0'), says: 'Go is missing', todo: 'Install Go 1.26.0' },
    { problem: goTooOld('go1.22.1', '1.26.0'), says: 'go1.22.1 was found and 1.26.0 is needed', todo: 'Install Go 1.26.0' },
    { problem: diskFull('/cache', 1024 ** 3), says: 'only 1.0 GB are free for /cache, and 3 GB are needed', todo: 'Free some space' },
    { problem: portsBusy(20), says: 'No free port', todo: 'try again' },
    { problem: unsupportedPlatform('win32', 'x64'), says: 'win32/x64', todo: 'WSL 2' },
    { problem: explainFileError(fileError('EACCES'), '/cache'), says: 'No permission to write /cache', todo: 'XDG_CACHE_HOME' },
    { problem: explainFileError(fileError('EROFS'), '/cache'), says: 'No permission to write /cache', todo: 'XDG_CACHE_HOME' },
    { problem: explainFileError(fileError('ENOSPC'), '/cache'), says: 'no space is left for /cache', todo: 'Free some space' },
    { problem: explainBuildOutput('compile: writing output: write $WORK/x: no space left on device', 'the Go caches', '1.26.0'), says: 'The disk is full', todo: 'Free some space' },
    { problem: explainBuildOutput('go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)', 'x', '1.26.0'), says: 'go1.22.1 was found', todo: 'unset GOTOOLCHAIN' },
    { problem: explainBuildOutput('go: k8s.io/api: Get "https://x/": dial tcp: lookup x: no such host', 'x', '1.26.0'), says: 'could not be fetched', todo: 'go env GOPROXY' },
    { problem: explainBuildOutput('k8s.io/x: /go/compile: signal: killed', 'x', '1.26.0'), says: 'killed', todo: '4 GB' },
  ])('says "$says" in one line with what to do', ({ problem, says, todo }) => {
    expect(problem.message).toContain(says);
    expect(problem.message).toContain(todo);
    expect(problem.message).not.toContain('\n');
  });

  it('passes on the last line of a compilation that fails for a reason of its own', () => {
    expect(explainBuildOutput('# package\nmain.go:3: undefined: x\n', 'x', '1.26.0').message).toBe('Compiling the control plane failed: main.go:3: undefined: x');
  });

  it('leaves any other error of a file as it is', () => {
    const error = fileError('EISDIR');
    expect(explainFileError(error, '/cache')).toBe(error);
  });
});

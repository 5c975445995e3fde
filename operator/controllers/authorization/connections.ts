import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends the oldest of the connections whose request has not come in full, as soon as there are more of them than `most`. To refuse the
 * newest instead would let a stranger who holds them all shut everybody out; a person's request comes within a moment.
 */
export function endSlowest(server: Server, most: number): void {
  const waiting = new Set<Socket>();
  server.on('connection', (socket) => {
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
    const [oldest] = waiting;
    if (waiting.size > most) oldest?.destroy();
  });
  server.on('request', (request) => {
    request.once('end', () => waiting.delete(request.socket));
  });
}

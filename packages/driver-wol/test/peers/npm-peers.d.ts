declare module 'wol' {
  export function createMagicPacket(mac: string): Buffer;
  export function wake(mac: string, options: { readonly address: string; readonly port: number }): Promise<boolean>;
}

declare module 'wake_on_lan' {
  export function createMagicPacket(mac: string): Buffer;
  export function wake(
    mac: string,
    options: { readonly address: string; readonly port: number; readonly num_packets: number; readonly interval: number },
    callback: (error?: Error | null) => void,
  ): void;
}

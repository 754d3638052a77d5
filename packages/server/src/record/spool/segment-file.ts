/** The segment that is being written. It tells apart what is durable, what is not, and whether more may follow. */
import { type OpenFile, writeAll } from './files.ts';

export class SegmentFile {
  readonly #file: OpenFile;
  #durable = 0;
  #sealed = false;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Bytes that survive a loss of power; a reader trusts only these. */
  get bytes(): number {
    return this.#durable;
  }

  /** True once nothing may be written behind what is there. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /**
   * Writes the parts one behind the other; resolves when they are durable. Rejects with the system's error when they are
   * not: then they are cut off again, or the segment is sealed.
   */
  async append(parts: readonly Buffer[]): Promise<void> {
    let end = this.#durable;
    try {
      for (const part of parts) {
        await writeAll(this.#file, part, end);
        end += part.length;
      }
    } catch (error) {
      // A half-written frame must not precede later ones.
      if (!(await this.#cutOff())) this.#sealed = true;
      throw error;
    }
    try {
      await this.#file.datasync();
    } catch (error) {
      // The system may have dropped pages that it could not write, and a second attempt could falsely succeed.
      this.#sealed = true;
      await this.#cutOff();
      throw error;
    }
    this.#durable = end;
  }

  async #cutOff(): Promise<boolean> {
    try {
      await this.#file.truncate(this.#durable);
      return true;
    } catch {
      return false;
    }
  }

  /** An error on closing does not affect what is already durable. */
  async close(): Promise<void> {
    this.#sealed = true;
    await this.#file.close().catch(() => undefined);
  }
}

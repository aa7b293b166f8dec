// Files of the user, dropped or chosen: an IDX pair to train on, or measured curves of a device.
// They are not uploaded.
import { byId } from './dom';
import { saveText } from './exports';
import type { UserData, Bytes, ToWorker } from './protocol';

const maxFileBytes = 400e6;

const isImages = (bytes: Bytes) => bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8 && bytes[3] === 3;
const isLabels = (bytes: Bytes) => bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8 && bytes[3] === 1;

async function decompress(bytes: Bytes): Promise<Bytes> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A name that is valid in options, file names and fragments. */
const safeName = (name: string) =>
  name.replace(/\.(gz|csv|idx\d?|txt)$/gi, '').replace(/[^\w.-]+/g, '-').slice(0, 40) || 'file';

export class UserFiles {
  private images: { name: string; bytes: Bytes } | null = null;
  private labels: { name: string; bytes: Bytes } | null = null;
  private fitted = { name: '', text: '' };
  private readonly dropZone = byId('drop');
  private readonly status = byId('user-data-status');

  constructor(
    private readonly post: (message: ToWorker, transfer?: Transferable[]) => void,
    private readonly showError: (message: string) => void,
  ) {
    const input = byId<HTMLInputElement>('files');
    input.addEventListener('change', () => {
      void this.readFiles([...(input.files ?? [])]);
      input.value = '';
    });
    byId('choose-files').addEventListener('click', () => input.click());
    byId('save-preset').addEventListener('click', () => {
      saveText(this.fitted.name, 'application/toml', this.fitted.text);
    });
    byId('back-to-mnist').addEventListener('click', () => this.post({ type: 'mnist' }));
    this.listenToDrops();
  }

  /** Shows that the worker has loaded the data. */
  onUserData(message: UserData): void {
    this.status.textContent = message.summary;
    byId('back-to-mnist').hidden = message.kind === 'mnist' || message.kind === 'fit';
    if (message.kind !== 'fit') return;
    this.fitted = { name: message.name, text: message.text };
    byId('save-preset').hidden = false;
    byId('save-preset').textContent = `Save ${message.name}`;
  }

  private listenToDrops(): void {
    const over = (event: DragEvent, is: boolean) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      if (byId('learn').hidden) return;
      event.preventDefault();
      this.dropZone.classList.toggle('over', is);
    };
    document.addEventListener('dragover', (event) => over(event, true));
    document.addEventListener('dragleave', (event) => over(event, false));
    document.addEventListener('drop', (event) => {
      over(event, false);
      if (byId('learn').hidden) return;
      void this.readFiles([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private async readFiles(files: File[]): Promise<void> {
    for (const file of files) {
      try {
        await this.readFile(file);
      } catch (error) {
        this.showError(`${file.name}: cannot be read (${String(error)})`);
      }
    }
    this.sendPair();
  }

  private async readFile(file: File): Promise<void> {
    if (file.size > maxFileBytes) {
      this.showError(`${file.name}: file size is ${(file.size / 1e6).toFixed(0)} MB (must be at most 400 MB)`);
      return;
    }
    const bytes = await decompress(new Uint8Array(await file.arrayBuffer()));
    if (isImages(bytes)) this.images = { name: file.name, bytes };
    else if (isLabels(bytes)) this.labels = { name: file.name, bytes };
    else if (/\.csv$/i.test(file.name)) this.fit(file.name, bytes);
    else {
      this.showError(`${file.name}: unknown file type (expected both files of an IDX pair, or one .csv file)`);
    }
  }

  private fit(name: string, bytes: Bytes): void {
    const csv = new TextDecoder().decode(bytes);
    this.status.textContent = `Fitting ${name}…`;
    this.post({ type: 'fit', name, csv, preset: `${safeName(name)}.toml` });
  }

  private sendPair(): void {
    const { images, labels } = this;
    if (!images && !labels) return;
    if (!images || !labels) {
      const [has, needs] = images ? [images.name, 'labels'] : [labels!.name, 'images'];
      this.status.textContent = `${has} is loaded; the file of ${needs} is missing`;
      return;
    }
    this.images = this.labels = null;
    const name = safeName(images.name);
    this.post({ type: 'pair', name, images: images.bytes, labels: labels.bytes }, [
      images.bytes.buffer,
      labels.bytes.buffer,
    ]);
  }
}

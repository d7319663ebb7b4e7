/**
 * Files and folders that a visitor chose or dropped: which of them are indexed.
 * In: File objects, a drop. Out: files of text or HTML, and what was left out with the reason.
 * Deliberately not here: reading them (openIndex takes files).
 */

/** One page of text is about 3 KB; this is a long book. Units: bytes. */
const maxFileBytes = 5e6;
const maxFiles = 2000;

/** `leftOut`: names with reasons. */
export function pickFiles(files: readonly File[]): { files: File[]; leftOut: string[] } {
  const leftOut: string[] = [];
  const picked = files.slice(0, maxFiles).filter((file) => {
    const reason = whyNot(file);
    if (reason) leftOut.push(`${file.webkitRelativePath || file.name}: ${reason}`);
    return !reason;
  });
  const more = files.length - maxFiles;
  if (more > 0) leftOut.push(`${more} more files: only the first ${maxFiles} are read`);
  return { files: picked, leftOut };
}

function whyNot(file: File): string {
  if (!/\.(html?|txt|md|markdown)$/i.test(file.name)) return 'not .txt, .md or .html';
  return file.size > maxFileBytes ? 'larger than 5 MB' : '';
}

/** The files of a drop, those in its folders too. To be called within the event: the drop is empty afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  // A reader gives a folder in portions, and an empty one at its end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) break;
    children.push(...portion);
  }
  return (await Promise.all(children.map(filesOf))).flat();
}

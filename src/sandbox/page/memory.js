// What this browser remembers between visits: who was played, which channel each of them read, and how far.

const PREFIX = "wardroom";

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(`${PREFIX}.${key}`));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(`${PREFIX}.${key}`, JSON.stringify(value));
  } catch {
    // A browser that stores nothing only forgets more.
  }
}

export const recall = read;
export const remember = write;

/** How far each person has read each channel of one workspace. */
export class ReadMarks {
  constructor(workspace) {
    this.key = `read.${workspace}`;
    this.marks = read(this.key) ?? {};
  }

  /** What was said before the first visit counts as read. */
  begin(messages) {
    if (this.marks.begun !== undefined) return;
    this.marks.begun = Math.max(0, ...messages.map((message) => message.at));
    write(this.key, this.marks);
  }

  seen(person, channel) {
    return this.marks[`${person} ${channel}`] ?? this.marks.begun ?? 0;
  }

  read(person, channel, at) {
    if (at <= this.seen(person, channel)) return;
    this.marks[`${person} ${channel}`] = at;
    write(this.key, this.marks);
  }
}

package dev.flywheel.generate;

/**
 * What a run of the generator wrote.
 *
 * @param files raw log files
 * @param lines lines in them, blank and broken ones included
 * @param interactions responses shown whose first line landed in time: the lines of the truth
 * @param badInteractions those of them that are bad in truth
 * @param late first copies of lines that land one or two days after their event date
 * @param tooLate first copies of lines that land later than that
 * @param duplicates further copies of lines, the same day or the next
 * @param broken lines that are not events
 * @param blank empty lines
 * @param bytes bytes of all lines before compression
 */
public record GeneratorSummary(
    long files,
    long lines,
    long interactions,
    long badInteractions,
    long late,
    long tooLate,
    long duplicates,
    long broken,
    long blank,
    long bytes) {

  static final GeneratorSummary NOTHING = new GeneratorSummary(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  GeneratorSummary plus(GeneratorSummary other) {
    return new GeneratorSummary(
        files + other.files,
        lines + other.lines,
        interactions + other.interactions,
        badInteractions + other.badInteractions,
        late + other.late,
        tooLate + other.tooLate,
        duplicates + other.duplicates,
        broken + other.broken,
        blank + other.blank,
        bytes + other.bytes);
  }
}

/**
 * Raw logs become events, or rows of quarantine; and how later stages read what landed.
 *
 * <p>A {@link dev.flywheel.ingest.LineFormat} says what a line means: {@code NativeFormat} is our
 * contract, {@code OtlpFormat} OpenTelemetry, {@code LangfuseFormat} Langfuse's exports. {@code
 * LineRows} opens the files, hands their lines to a format's parser and makes rows of what it gets;
 * {@code Correlation} puts together what several records say of one response; {@code Tally} counts
 * what became of every line and record, for each landing day by itself.
 */
package dev.flywheel.ingest;

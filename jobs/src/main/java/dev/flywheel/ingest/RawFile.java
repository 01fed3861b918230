package dev.flywheel.ingest;

import java.io.Serializable;

/**
 * One file of raw logs.
 *
 * @param path where to open it
 * @param name path below the input root, as {@code source_file} names it
 * @param landingDay day under whose prefix it lies, in days since 1970
 * @param bytes size as stored
 */
record RawFile(String path, String name, int landingDay, long bytes) implements Serializable {}

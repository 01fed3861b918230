package dev.flywheel.ingest;

import dev.flywheel.run.FlywheelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of a Langfuse export, below the folder of its project: each run of the export writes
 * one file of observations and one of scores, both named by its time, and then a manifest.
 */
final class LangfuseExport {
  static final String OBSERVATIONS = "observations_v2";
  static final String SCORES = "scores";
  private static final String MANIFESTS = "manifests";
  private static final List<String> LEGACY = List.of("observations", "traces");
  private static final int MOST_NAMED = 5;

  private final FileSystem storage;
  private final Path root;
  private final List<FileStatus> observations;
  private final List<FileStatus> scores;
  private final List<FileStatus> manifests;

  /** Lists the folders below {@code root}, which hold the files of all days side by side. */
  LangfuseExport(FileSystem storage, Path root) throws IOException {
    this.storage = storage;
    this.root = root;
    this.observations = list(storage, new Path(root, OBSERVATIONS));
    this.scores = list(storage, new Path(root, SCORES));
    this.manifests = list(storage, new Path(root, MANIFESTS));
  }

  /**
   * The files of the runs whose time begins with {@code prefix}, in the order of their names.
   *
   * @throws FlywheelException (usage) when they are of a kind that is not read; (gate) when a run
   *     lacks a file; (transient) when a run has not ended
   */
  List<RawFile> ofDay(String prefix, LocalDate day) throws IOException {
    if (observations == null && isLegacy()) {
      throw FlywheelException.usage(
          "%s holds a Langfuse export of the legacy kind, without %s. Select 'Enriched"
              + " observations' as export source in Langfuse's project settings, Integrations, Blob"
              + " Storage.",
          root, OBSERVATIONS);
    }
    List<FileStatus> observed = begin(observations, prefix);
    List<FileStatus> scored = begin(scores, prefix);
    refuseMissing(runs(observed), runs(scored), runs(begin(manifests, prefix)));
    refuseUnfinished(runs(observed));
    var files = new ArrayList<RawFile>();
    add(files, OBSERVATIONS, observed, day);
    add(files, SCORES, scored, day);
    return files;
  }

  /** Null when the folder is not there. */
  private static List<FileStatus> list(FileSystem storage, Path folder) throws IOException {
    try {
      return Stream.of(storage.listStatus(folder))
          .filter(FileStatus::isFile)
          .sorted(Comparator.comparing(file -> file.getPath().getName()))
          .toList();
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private static List<FileStatus> begin(List<FileStatus> files, String prefix) {
    return files == null
        ? List.of()
        : files.stream().filter(file -> file.getPath().getName().startsWith(prefix)).toList();
  }

  private boolean isLegacy() throws IOException {
    for (String folder : LEGACY) {
      if (storage.exists(new Path(root, folder))) {
        return true;
      }
    }
    return false;
  }

  /** Their times, which their names sort by. */
  private static SortedSet<String> runs(List<FileStatus> files) {
    return files.stream()
        .map(file -> run(file.getPath().getName()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String run(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  /** A run of which either file or the manifest is there wrote both files. */
  private void refuseMissing(Set<String> observed, Set<String> scored, Set<String> ended)
      throws IOException {
    var all = new TreeSet<String>(observed);
    all.addAll(scored);
    List<String> bare = ended.stream().filter(run -> !all.contains(run)).toList();
    if (!bare.isEmpty()) {
      Set<String> older = runs(begin(list(storage, new Path(root, LEGACY.get(0))), ""));
      bare.stream().filter(run -> !older.contains(run)).forEach(all::add);
    }
    var missing = new ArrayList<String>();
    for (String run : all) {
      if (!observed.contains(run)) {
        missing.add(OBSERVATIONS + "/" + run);
      }
      if (!scored.contains(run)) {
        missing.add(SCORES + "/" + run);
      }
    }
    if (!missing.isEmpty()) {
      throw FlywheelException.gate(
          "The Langfuse export below %s lacks %d of its files, so nothing of the interval is"
              + " published: %s%s. Every run of an export writes one file of %s and one of %s, even"
              + " if it is empty. Copy the missing files, or let Langfuse export the window again.",
          root,
          missing.size(),
          String.join(", ", missing.subList(0, Math.min(MOST_NAMED, missing.size()))),
          missing.size() > MOST_NAMED ? ", …" : "",
          OBSERVATIONS,
          SCORES);
    }
  }

  /** Runs older than the first manifest were made before there were any. */
  private void refuseUnfinished(SortedSet<String> runs) {
    SortedSet<String> ended = runs(begin(manifests, ""));
    if (ended.isEmpty()) {
      return;
    }
    List<String> open =
        runs.tailSet(ended.first()).stream().filter(run -> !ended.contains(run)).toList();
    if (!open.isEmpty()) {
      throw FlywheelException.transientFailure(
          "The Langfuse export below %s is not finished: %s/%s.json is not there yet. Run the same"
              + " command again when it is; Langfuse repeats an export that failed.",
          root, MANIFESTS, open.get(0));
    }
  }

  private static void add(
      List<RawFile> files, String table, List<FileStatus> found, LocalDate day) {
    for (FileStatus file : found) {
      String name = file.getPath().getName();
      if (!name.matches("(?i).*\\.(parquet|jsonl(\\.gz|\\.zst|\\.zstd)?)")) {
        throw FlywheelException.usage(
            "%s/%s is neither Parquet nor JSON Lines. Choose one of them as file format in"
                + " Langfuse's project settings, Integrations, Blob Storage.",
            table, name);
      }
      files.add(
          new RawFile(
              file.getPath().toString(),
              table + "/" + name,
              Math.toIntExact(day.toEpochDay()),
              file.getLen()));
    }
  }
}

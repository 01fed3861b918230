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

  private LangfuseExport() {}

  /**
   * The files of the runs whose time begins with {@code prefix}, in the order of their names.
   *
   * @throws FlywheelException (usage) when they are of a kind that is not read; (gate) when a run
   *     lacks one of its two files; (transient) when a run has not ended
   */
  static List<RawFile> ofDay(FileSystem storage, Path root, String prefix, LocalDate day)
      throws IOException {
    List<FileStatus> observations = begin(storage, new Path(root, OBSERVATIONS), prefix);
    List<FileStatus> scores = begin(storage, new Path(root, SCORES), prefix);
    if (observations == null && isLegacy(storage, root)) {
      throw FlywheelException.usage(
          "%s holds a Langfuse export of the legacy kind, without %s. Select 'Enriched"
              + " observations' as export source in Langfuse's project settings, Integrations, Blob"
              + " Storage.",
          root, OBSERVATIONS);
    }
    refuseHalves(runs(observations), runs(scores), root);
    refuseUnfinished(storage, root, runs(observations));
    var files = new ArrayList<RawFile>();
    add(files, OBSERVATIONS, observations, day);
    add(files, SCORES, scores, day);
    return files;
  }

  /** Null when the folder is not there. */
  private static List<FileStatus> begin(FileSystem storage, Path folder, String prefix)
      throws IOException {
    try {
      var found = new ArrayList<FileStatus>();
      for (FileStatus file : storage.listStatus(folder)) {
        if (file.isFile() && file.getPath().getName().startsWith(prefix)) {
          found.add(file);
        }
      }
      found.sort(Comparator.comparing(file -> file.getPath().getName()));
      return found;
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private static boolean isLegacy(FileSystem storage, Path root) throws IOException {
    for (String folder : LEGACY) {
      if (storage.exists(new Path(root, folder))) {
        return true;
      }
    }
    return false;
  }

  /** Their times, which their names sort by. */
  private static SortedSet<String> runs(List<FileStatus> files) {
    return files == null
        ? new TreeSet<>()
        : files.stream()
            .map(file -> run(file.getPath().getName()))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String run(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static void refuseHalves(Set<String> observations, Set<String> scores, Path root) {
    List<String> missing = new ArrayList<>();
    scores.stream()
        .filter(run -> !observations.contains(run))
        .forEach(run -> missing.add(OBSERVATIONS + "/" + run));
    observations.stream()
        .filter(run -> !scores.contains(run))
        .forEach(run -> missing.add(SCORES + "/" + run));
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
  private static void refuseUnfinished(FileSystem storage, Path root, SortedSet<String> runs)
      throws IOException {
    SortedSet<String> ended = runs(begin(storage, new Path(root, MANIFESTS), ""));
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
    if (found == null) {
      return;
    }
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

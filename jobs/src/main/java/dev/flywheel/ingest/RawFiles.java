package dev.flywheel.ingest;

import dev.flywheel.lake.StorageFailure;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The files below the prefixes of the landing days of a run, those in folders of a prefix included,
 * in the order of days and names. Files and folders whose name begins with {@code _} or {@code .}
 * are not there yet, by a convention as old as Hadoop, and are skipped.
 *
 * @param files what is to be read
 */
record RawFiles(List<RawFile> files) {
  /** As Spark's own readers cut their input. */
  private static final long MOST_BYTES_PER_TASK = 128L << 20;

  private static final long FEWEST_BYTES_PER_TASK = 4L << 20;

  /** Files that one task reads, all of one landing day. */
  record Task(List<RawFile> files) implements Serializable {
    int landingDay() {
      return files.get(0).landingDay();
    }
  }

  /**
   * Lists the prefixes of {@code landing}.
   *
   * @throws FlywheelException (usage) when the input root is not there; (nothing to do) when no
   *     prefix holds a file; (transient) when the storage does not answer
   */
  static RawFiles list(Configuration hadoop, Settings settings, DateRange landing) {
    var root = new Path(settings.requiredInput());
    try {
      FileSystem storage = root.getFileSystem(hadoop);
      if (!storage.exists(root)) {
        throw FlywheelException.usage(
            "The input %s is not there: check --input (input.path), and that this user may see it.",
            root);
      }
      root = storage.makeQualified(root);
      var files = new ArrayList<RawFile>();
      List<LocalDate> days = landing.toList();
      LangfuseExport export =
          settings.input().format().equals(LangfuseFormat.NAME)
              ? new LangfuseExport(storage, root)
              : null;
      for (LocalDate day : days) {
        String prefix = settings.input().prefix(day);
        files.addAll(
            export == null ? ofDay(storage, root, prefix, day) : export.ofDay(prefix, day));
      }
      if (files.isEmpty()) {
        throw FlywheelException.nothingToDo(
            "No raw logs of the landing days %s: there is no file below %s%s. Check --from and"
                + " --to, --input, and input.day_pattern (%s).",
            landing,
            new Path(root, settings.input().prefix(days.get(0))),
            days.size() == 1 ? "" : " to " + settings.input().prefix(landing.last()),
            settings.input().dayPattern());
      }
      return new RawFiles(List.copyOf(files));
    } catch (IOException e) {
      throw StorageFailure.explain(e, "list the raw logs below " + root);
    }
  }

  private static List<RawFile> ofDay(FileSystem storage, Path root, String prefix, LocalDate day)
      throws IOException {
    var files = new ArrayList<RawFile>();
    var folder = new Path(root, prefix);
    try {
      RemoteIterator<LocatedFileStatus> listed = storage.listFiles(folder, true);
      while (listed.hasNext()) {
        LocatedFileStatus file = listed.next();
        if (!hidden(below(folder, file.getPath()))) {
          files.add(
              new RawFile(
                  file.getPath().toString(),
                  below(root, file.getPath()),
                  Math.toIntExact(day.toEpochDay()),
                  file.getLen()));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    files.sort(Comparator.comparing(RawFile::name));
    return files;
  }

  /** The path of a file below a folder; empty for the folder itself, which may be the file. */
  private static String below(Path folder, Path file) {
    String prefix = folder.toUri().getPath();
    String path = file.toUri().getPath();
    int length = prefix.endsWith("/") ? prefix.length() : prefix.length() + 1;
    return path.substring(Math.min(length, path.length()));
  }

  private static boolean hidden(String path) {
    return Arrays.stream(path.split("/"))
        .anyMatch(name -> name.startsWith("_") || name.startsWith("."));
  }

  /** Landing days that have a file, in order. */
  SortedSet<LocalDate> days() {
    return files.stream()
        .map(file -> LocalDate.ofEpochDay(file.landingDay()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Size of all files as stored. */
  long bytes() {
    return files.stream().mapToLong(RawFile::bytes).sum();
  }

  /**
   * The files as work for tasks: each file in one task, since its lines are counted; small files
   * together, but never of two landing days, so that a task writes one file.
   *
   * @param cores tasks that run at the same time
   */
  List<Task> tasks(int cores) {
    long size =
        Math.min(
            MOST_BYTES_PER_TASK, Math.max(FEWEST_BYTES_PER_TASK, bytes() / Math.max(1, cores)));
    var tasks = new ArrayList<Task>();
    long filled = 0;
    for (RawFile file : files) {
      boolean sameDay =
          !tasks.isEmpty() && tasks.get(tasks.size() - 1).landingDay() == file.landingDay();
      if (!sameDay || filled + file.bytes() > size) {
        tasks.add(new Task(new ArrayList<>()));
        filled = 0;
      }
      tasks.get(tasks.size() - 1).files().add(file);
      filled += file.bytes();
    }
    return tasks;
  }
}

package dev.flywheel.lake;

import dev.flywheel.run.FlywheelException;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a failure of the storage means for the person who runs the command, and whether a retry can
 * help. Goes by the names of classes, since Hadoop's S3 client is not there where no lake lies on
 * S3; shows no message of others, since those may quote data.
 */
public enum StorageFailure {
  NO_CLIENT(
      true,
      "the program for this kind of storage is missing",
      "For s3a:// pass the jars of Hadoop's S3 client (hadoop-aws and parts of the AWS SDK) to"
          + " spark-submit; docs/operations.md has the line.",
      "org.apache.hadoop.fs.UnsupportedFileSystemException",
      "org.apache.hadoop.fs.s3a.impl.InstantiationIOException"),
  NO_CREDENTIALS(
      true,
      "no credentials are found",
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or point AWS_SHARED_CREDENTIALS_FILE at a"
          + " file with them.",
      "org.apache.hadoop.fs.s3a.CredentialInitializationException"),
  WRONG_CREDENTIALS(
      true,
      "the storage does not know these credentials",
      "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the file with"
          + " them, and the clock of this machine."),
  DENIED(
      true,
      "these credentials do not allow it",
      "Give their user leave to list, read, write and delete below that place, check the"
          + " credentials, or name another place.",
      "java.nio.file.AccessDeniedException",
      "org.apache.hadoop.security.AccessControlException"),
  NO_BUCKET(
      true,
      "there is no such bucket",
      "Check the name of the bucket, and fs.s3a.endpoint.",
      "org.apache.hadoop.fs.s3a.UnknownStoreException"),
  REFUSED(
      true,
      "the storage does not understand the request",
      "Check fs.s3a.endpoint, fs.s3a.endpoint.region and fs.s3a.path.style.access.",
      "org.apache.hadoop.fs.s3a.AWSBadRequestException",
      "org.apache.hadoop.fs.s3a.AWSRedirectException",
      "org.apache.hadoop.fs.s3a.AWSUnsupportedFeatureException"),
  NO_ANSWER(
      false,
      "the storage does not answer, or not in time",
      "If it is no outage, check fs.s3a.endpoint and the network. The same command may be run"
          + " again: it ends in the same rows.",
      "java.net.SocketException",
      "java.net.SocketTimeoutException",
      "java.net.UnknownHostException",
      "java.net.NoRouteToHostException",
      "org.apache.hadoop.net.ConnectTimeoutException",
      "org.apache.hadoop.fs.s3a.AWSServiceIOException",
      "org.apache.hadoop.fs.s3a.AWSClientIOException",
      "org.apache.hadoop.fs.s3a.HttpChannelEOFException",
      "org.apache.hadoop.fs.s3a.AWSS3IOException",
      "software.amazon.awssdk.core.exception.SdkException");

  private static final Set<String> UNKNOWN_KEY =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidToken",
          "ExpiredToken",
          "TokenRefreshRequired",
          "RequestTimeTooSkewed");

  private final boolean lasting;
  private final String why;
  private final String remedy;

  @SuppressWarnings("ImmutableEnumChecker") // A set that never changes.
  private final Set<String> classes;

  StorageFailure(boolean lasting, String why, String remedy, String... classes) {
    this.lasting = lasting;
    this.why = why;
    this.remedy = remedy;
    this.classes = Set.of(classes);
  }

  /** The kind of a failure that the storage is to blame for; empty for any other. */
  public static Optional<StorageFailure> of(Throwable failure) {
    List<Throwable> causes = causes(failure);
    Optional<StorageFailure> answered =
        causes.stream().flatMap(cause -> byAnswer(cause).stream()).findFirst();
    if (answered.isPresent()) {
      return answered;
    }
    for (StorageFailure kind : values()) {
      if (causes.stream().anyMatch(kind::matches)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * What to tell of a failure while the program was {@code doing} something: a usage error when the
   * storage is to blame and a retry cannot mend it, a transient one otherwise.
   *
   * @param doing as in "Cannot ...", with the place
   */
  public static FlywheelException explain(Throwable failure, String doing) {
    return of(failure)
        .map(kind -> kind.explained(failure, doing))
        .orElseGet(
            () ->
                FlywheelException.transientFailure(
                    failure,
                    "Cannot %s (%s): check that the storage is there and answers, then run the"
                        + " same command again.",
                    doing,
                    failure.getClass().getSimpleName()));
  }

  /** Whether a retry cannot mend it. */
  boolean lasting() {
    return lasting;
  }

  /** As {@link #explain}, of this kind. */
  public FlywheelException explained(Throwable failure, String doing) {
    String message = "Cannot %s: %s. %s".formatted(doing, why, remedy);
    return lasting
        ? FlywheelException.usage(failure, "%s", message)
        : FlywheelException.transientFailure(failure, "%s", message);
  }

  private boolean matches(Throwable cause) {
    if (this == DENIED && cause instanceof FileNotFoundException) {
      // What the local disk says of a file that is there, and that this user may not read.
      return String.valueOf(cause.getMessage()).endsWith(" (Permission denied)");
    }
    if (this == NO_CLIENT && cause instanceof ClassNotFoundException) {
      return String.valueOf(cause.getMessage()).contains("org.apache.hadoop.fs.");
    }
    for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
      if (classes.contains(type.getName())) {
        return true;
      }
    }
    return false;
  }

  /** What the server's own answer says better than the class that Hadoop makes of it. */
  private static Optional<StorageFailure> byAnswer(Throwable cause) {
    for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().equals("software.amazon.awssdk.awscore.exception.AwsServiceException")) {
        return Answer.kind(cause);
      }
    }
    return Optional.empty();
  }

  /** A class of its own, which is loaded only where the client of S3 is. */
  private static final class Answer {
    private static final int CONFLICT = 409;

    static Optional<StorageFailure> kind(Throwable failure) {
      var answer = (software.amazon.awssdk.awscore.exception.AwsServiceException) failure;
      if (answer.statusCode() == CONFLICT) {
        // Two writers at the same moment; for Hadoop it is a bad request.
        return Optional.of(NO_ANSWER);
      }
      return Optional.ofNullable(answer.awsErrorDetails())
          .filter(details -> UNKNOWN_KEY.contains(String.valueOf(details.errorCode())))
          .map(details -> WRONG_CREDENTIALS);
    }
  }

  /**
   * The failure and its causes, each before its own; each once, since some programs make a ring of
   * them.
   */
  public static List<Throwable> causes(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    var causes = new ArrayList<Throwable>();
    for (Throwable next = failure; next != null && seen.add(next); next = next.getCause()) {
      causes.add(next);
    }
    return causes;
  }
}

package dev.flywheel.settings;

import java.util.regex.Pattern;

/**
 * Which settings of Spark hold secrets, by their names. A configuration is printed, hashed and kept
 * in repositories: it holds none, and of those that say where one lies only the names are shown.
 */
public final class Credentials {
  private static final String SECRET =
      "(secret([._-]?(key|id))?|password|passphrase|token|credential"
          + "|access[._-]?key([._-]?id)?"
          + "|(account|api|encryption|private|provided)[._-]?key)";

  private static final Pattern SPEAKS_OF_ONE = Pattern.compile("(?i)" + SECRET);

  /** Settings of Azure end with the account that they are for. */
  private static final Pattern HOLDS_ONE =
      Pattern.compile(
          "(?i)"
              + SECRET
              + "(\\.[a-z0-9]+\\.(blob|dfs)\\..+)?$"
              + "|fs\\.azure\\.account\\.key\\."
              + "|fs\\.azure\\.sas\\.[^.]+\\.[^.]+\\.(blob|dfs)\\.");

  /** Those end with a name that the user chose, and say which secret of Kubernetes is meant. */
  private static final Pattern NAMES_ONE =
      Pattern.compile("(?i)^spark\\.kubernetes\\.(driver|executor)\\.secret(s|KeyRef)\\.");

  /** How keys are named that do not leave the service which has them. */
  private static final String NAME_OF_KEY = "arn:";

  private Credentials() {}

  /** Whether {@code value} is a secret, and no path, class or name that leads to one. */
  static boolean areHeldBy(String key, String value) {
    return HOLDS_ONE.matcher(key).find()
        && !NAMES_ONE.matcher(key).find()
        && !value.startsWith(NAME_OF_KEY);
  }

  /** A regular expression of settings that have to do with secrets, for Spark to look for. */
  public static String pattern() {
    return SPEAKS_OF_ONE.pattern();
  }

  /** Whether a setting has to do with secrets, so that its value is not shown. */
  public static boolean concern(String key) {
    return SPEAKS_OF_ONE.matcher(key).find();
  }
}

package dev.flywheel.text;

import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.when;

import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Text comparisons that Spark has no built-in for, as SQL functions of the catalog {@value
 * #CATALOG}: {@code flywheel.edit_distance(a, b)}, {@code flywheel.four_gram_similarity(a, b)} and
 * {@code flywheel.four_gram_containment(part, whole)}. Spark's own {@code levenshtein} gives the
 * same distance, a hundred times slower on long texts.
 *
 * <p>Spark calls their static {@code invoke} from generated code, on its own strings and without
 * boxing; so there is no null to return. In SQL they give -1 where an argument is null or too short
 * to have a four-gram; the column functions here turn that into null.
 */
public final class TextFunctions implements FunctionCatalog {
  /** Name of the catalog in every session; {@code runner.Sessions} registers it. */
  public static final String CATALOG = "flywheel";

  private static final Map<String, PairFunction<?>> FUNCTIONS =
      Map.of(
          "edit_distance", new Distance(),
          "four_gram_similarity", new Similarity(),
          "four_gram_containment", new Containment());

  private String name = CATALOG;

  /** Levenshtein distance over code points; null where a text is. */
  public static Column editDistance(Column a, Column b) {
    return call("edit_distance", a, b);
  }

  /** See {@link FourGrams#similarity}; null where a text is null or too short. */
  public static Column fourGramSimilarity(Column a, Column b) {
    return call("four_gram_similarity", a, b);
  }

  /** See {@link FourGrams#containment}; null where a text is null or {@code part} too short. */
  public static Column fourGramContainment(Column part, Column whole) {
    return call("four_gram_containment", part, whole);
  }

  private static Column call(String function, Column a, Column b) {
    Column found = call_function(CATALOG + "." + function, a, b);
    return when(a.isNotNull().and(b.isNotNull()).and(found.geq(0)), found);
  }

  @Override
  public void initialize(String catalog, CaseInsensitiveStringMap options) {
    name = catalog;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Identifier[] listFunctions(String[] namespace) {
    return FUNCTIONS.keySet().stream()
        .sorted()
        .map(function -> Identifier.of(namespace, function))
        .toArray(Identifier[]::new);
  }

  @Override
  public UnboundFunction loadFunction(Identifier identifier) throws NoSuchFunctionException {
    PairFunction<?> function = FUNCTIONS.get(identifier.name());
    if (function == null || identifier.namespace().length > 0) {
      throw new NoSuchFunctionException(identifier);
    }
    return function;
  }

  /** A function of two texts, the same bound and unbound. */
  private abstract static class PairFunction<R> implements UnboundFunction, ScalarFunction<R> {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final DataType resultType;

    PairFunction(String name, DataType resultType) {
      this.name = name;
      this.resultType = resultType;
    }

    @Override
    public BoundFunction bind(StructType arguments) {
      if (arguments.length() != 2) {
        throw new UnsupportedOperationException(name + " takes two texts");
      }
      return this;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String canonicalName() {
      return CATALOG + "." + name;
    }

    @Override
    public String description() {
      return name + "(string, string)";
    }

    @Override
    public DataType[] inputTypes() {
      return new DataType[] {DataTypes.StringType, DataTypes.StringType};
    }

    @Override
    public DataType resultType() {
      return resultType;
    }

    @Override
    public boolean isResultNullable() {
      return false;
    }
  }

  /** Public, as what Spark generates code for must be. */
  public static final class Distance extends PairFunction<Integer> {
    private static final long serialVersionUID = 1L;

    Distance() {
      super("edit_distance", DataTypes.IntegerType);
    }

    public static int invoke(UTF8String a, UTF8String b) {
      if (a == null || b == null) {
        return -1;
      }
      return a.equals(b) ? 0 : EditDistance.of(codePoints(a), codePoints(b));
    }
  }

  /** As {@link Distance}. */
  public static final class Similarity extends PairFunction<Double> {
    private static final long serialVersionUID = 1L;

    Similarity() {
      super("four_gram_similarity", DataTypes.DoubleType);
    }

    public static double invoke(UTF8String a, UTF8String b) {
      return a == null || b == null ? -1 : FourGrams.similarity(codePoints(a), codePoints(b));
    }
  }

  /** As {@link Distance}. */
  public static final class Containment extends PairFunction<Double> {
    private static final long serialVersionUID = 1L;

    Containment() {
      super("four_gram_containment", DataTypes.DoubleType);
    }

    public static double invoke(UTF8String part, UTF8String whole) {
      return part == null || whole == null
          ? -1
          : FourGrams.containment(codePoints(part), codePoints(whole));
    }
  }

  private static int[] codePoints(UTF8String text) {
    return text.toString().codePoints().toArray();
  }
}

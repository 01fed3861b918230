package dev.flywheel.text;

import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
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
 * #CATALOG}:
 *
 * <ul>
 *   <li>{@code flywheel.edit_distance(a, b)}: Levenshtein distance in code points. Spark's own
 *       {@code levenshtein} gives the same, a hundred times slower on long texts.
 *   <li>{@code flywheel.word_distance(a, b)}: the same in words
 *   <li>{@code flywheel.retained(a, b, most_cells)}: {@code 1 - d / max(|a|, |b|)} and whether it
 *       is approximate, a struct
 *   <li>{@code flywheel.four_grams(part, whole)}: how similar they are and how much of one is in
 *       the other, a struct
 *   <li>{@code flywheel.copied_span(response, copied)}: see {@link CopiedText}
 *   <li>{@code flywheel.word_hashes(text, most)}: hashes of its distinct words, the smallest
 * </ul>
 *
 * <p>Spark calls their static {@code invoke} from generated code, on its own strings and without
 * boxing; so there is no null to return. In SQL those that give a number give -1 where an argument
 * is null, {@code word_hashes} no hash; the column functions here turn that into null.
 */
public final class TextFunctions implements FunctionCatalog {
  /** Name of the catalog in every session; {@code runner.Sessions} registers it. */
  public static final String CATALOG = "flywheel";

  /** Fields of what {@link #retained} gives. */
  public static final String RETAINED = "retained";

  public static final String APPROXIMATE = "approximate";

  /** Fields of what {@link #fourGrams} gives. */
  public static final String SIMILARITY = "similarity";

  public static final String CONTAINMENT = "containment";

  private static final DataType TEXT = DataTypes.StringType;

  private static final Map<String, TextFunction<?>> FUNCTIONS =
      Stream.of(
              new Distance(),
              new WordDistance(),
              new Retained(),
              new FourGramsOf(),
              new CopiedSpan(),
              new WordHashesOf())
          .collect(Collectors.toUnmodifiableMap(TextFunction::name, function -> function));

  private String name = CATALOG;

  /**
   * How much of {@code a} is left in {@code b}: a struct of {@link #RETAINED}, {@code 1 - d /
   * max(|a|, |b|)} from 0 to 1, and {@link #APPROXIMATE}; null where a text is. Distance and
   * lengths are in code points; where that would take more than {@code mostCells} cells it is
   * approximate: in words, or if those are as many the similarity of their four-grams.
   */
  public static Column retained(Column a, Column b, long mostCells) {
    return when(
        a.isNotNull().and(b.isNotNull()),
        call_function(CATALOG + ".retained", a, b, lit(mostCells)));
  }

  /**
   * What two texts share: a struct of {@link #SIMILARITY}, null where a text is null or has fewer
   * than four code points, and {@link #CONTAINMENT}, null where {@code part} is or has.
   */
  public static Column fourGrams(Column part, Column whole) {
    return call_function(CATALOG + ".four_grams", part, whole);
  }

  /**
   * Where {@code copied} lies in {@code response}, as it is or with other white space: {@code start
   * << 32 | end} in code points; null where it does not, or a text is null.
   */
  public static Column copiedSpan(Column response, Column copied) {
    Column found = call_function(CATALOG + ".copied_span", response, copied);
    return when(response.isNotNull().and(copied.isNotNull()).and(found.geq(0)), found);
  }

  /**
   * Hashes of the distinct words of a text, in ascending order, the smallest where there are more
   * than {@code most}; null where it is null.
   */
  public static Column wordHashes(Column text, int most) {
    return when(text.isNotNull(), call_function(CATALOG + ".word_hashes", text, lit(most)));
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
    TextFunction<?> function = FUNCTIONS.get(identifier.name());
    if (function == null || identifier.namespace().length > 0) {
      throw new NoSuchFunctionException(identifier);
    }
    return function;
  }

  /** A function of texts and perhaps more, the same bound and unbound. */
  private abstract static class TextFunction<R> implements UnboundFunction, ScalarFunction<R> {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final DataType resultType;
    private final DataType[] inputTypes;

    TextFunction(String name, DataType resultType, DataType... inputTypes) {
      this.name = name;
      this.resultType = resultType;
      this.inputTypes = inputTypes.clone();
    }

    @Override
    public BoundFunction bind(StructType arguments) {
      if (arguments.length() != inputTypes.length) {
        throw new UnsupportedOperationException("It is " + description());
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
      return Stream.of(inputTypes)
          .map(DataType::simpleString)
          .collect(Collectors.joining(", ", name + "(", ")"));
    }

    @Override
    public DataType[] inputTypes() {
      return inputTypes.clone();
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
  public static final class Distance extends TextFunction<Integer> {
    private static final long serialVersionUID = 1L;

    Distance() {
      super("edit_distance", DataTypes.IntegerType, TEXT, TEXT);
    }

    public static int invoke(UTF8String a, UTF8String b) {
      if (a == null || b == null) {
        return -1;
      }
      return a.equals(b) ? 0 : EditDistance.of(CodePoints.of(a), CodePoints.of(b));
    }
  }

  /** As {@link Distance}. */
  public static final class WordDistance extends TextFunction<Integer> {
    private static final long serialVersionUID = 1L;

    WordDistance() {
      super("word_distance", DataTypes.IntegerType, TEXT, TEXT);
    }

    public static int invoke(UTF8String a, UTF8String b) {
      return a == null || b == null ? -1 : Words.distance(a.toString(), b.toString());
    }
  }

  /** As {@link Distance}. */
  public static final class Retained extends TextFunction<InternalRow> {
    private static final long serialVersionUID = 1L;

    Retained() {
      super(
          "retained",
          new StructType()
              .add(RETAINED, DataTypes.DoubleType, false)
              .add(APPROXIMATE, DataTypes.BooleanType, false),
          TEXT,
          TEXT,
          DataTypes.LongType);
    }

    public static InternalRow invoke(UTF8String a, UTF8String b, long mostCells) {
      if (a == null || b == null) {
        return row(-1, false);
      }
      if (a.equals(b)) {
        return row(1, false);
      }
      int[] left = CodePoints.of(a);
      int[] right = CodePoints.of(b);
      int distance = EditDistance.within(left, right, mostCells);
      if (distance != EditDistance.TOO_LONG) {
        return row(retained(left, right, distance), false);
      }
      double inWords = Words.retained(a.toString(), b.toString(), mostCells);
      if (inWords >= 0) {
        return row(inWords, true);
      }
      Double similarity = FourGrams.of(left, right).similarity();
      if (similarity == null) {
        // Against a few characters, however many others are few cells.
        return row(retained(left, right, EditDistance.of(left, right)), false);
      }
      return row(similarity, true);
    }

    private static double retained(int[] left, int[] right, int distance) {
      return 1 - (double) distance / Math.max(left.length, right.length);
    }

    private static InternalRow row(double retained, boolean approximate) {
      return new GenericInternalRow(new Object[] {retained, approximate});
    }
  }

  /** As {@link Distance}. */
  public static final class FourGramsOf extends TextFunction<InternalRow> {
    private static final long serialVersionUID = 1L;

    FourGramsOf() {
      super(
          "four_grams",
          new StructType()
              .add(SIMILARITY, DataTypes.DoubleType)
              .add(CONTAINMENT, DataTypes.DoubleType),
          TEXT,
          TEXT);
    }

    public static InternalRow invoke(UTF8String part, UTF8String whole) {
      if (part == null || whole == null) {
        return new GenericInternalRow(2);
      }
      FourGrams shared = FourGrams.of(CodePoints.of(part), CodePoints.of(whole));
      return new GenericInternalRow(new Object[] {shared.similarity(), shared.containment()});
    }
  }

  /** As {@link Distance}. */
  public static final class WordHashesOf extends TextFunction<ArrayData> {
    private static final long serialVersionUID = 1L;

    WordHashesOf() {
      super(
          "word_hashes",
          DataTypes.createArrayType(DataTypes.LongType, false),
          TEXT,
          DataTypes.IntegerType);
    }

    public static ArrayData invoke(UTF8String text, int most) {
      return UnsafeArrayData.fromPrimitiveArray(
          text == null ? new long[0] : WordHashes.of(text.toString(), most));
    }
  }

  /** As {@link Distance}. */
  public static final class CopiedSpan extends TextFunction<Long> {
    private static final long serialVersionUID = 1L;

    CopiedSpan() {
      super("copied_span", DataTypes.LongType, TEXT, TEXT);
    }

    public static long invoke(UTF8String response, UTF8String copied) {
      return response == null || copied == null
          ? -1
          : CopiedText.find(response.toString(), copied.toString());
    }
  }
}

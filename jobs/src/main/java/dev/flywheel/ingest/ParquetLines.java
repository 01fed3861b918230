package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.flywheel.lake.StorageFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.NanoTime;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/**
 * The rows of a Parquet file as lines of JSON, so that they are read, checked and, where they are
 * no good, quoted like those of any other file: names as in the file, times in RFC 3339, maps and
 * structs as objects; a null is left out.
 */
final class ParquetLines implements Lines {
  private static final JsonFactory JSON = new JsonFactory();
  private static final long JULIAN_DAY_OF_1970 = 2_440_588;

  private final ParquetReader<Group> reader;
  private final int limit;
  private byte[] line = new byte[0];

  private ParquetLines(ParquetReader<Group> reader, int limit) {
    this.reader = reader;
    this.limit = limit;
  }

  /**
   * Opens {@code file}.
   *
   * @param limit longest line that is kept whole, in bytes
   * @throws IOException when the storage does not open the file
   */
  static ParquetLines open(RawFile file, Configuration hadoop, int limit) throws IOException {
    // Asks for the file here, where one that is not there is no damaged one.
    var stored = new Stored(HadoopInputFile.fromPath(new Path(file.path()), hadoop));
    return new ParquetLines(new Groups(stored).withConf(hadoop).build(), limit);
  }

  private static final class Groups extends ParquetReader.Builder<Group> {
    Groups(InputFile file) {
      super(file);
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }

  /** Keeps failures of the storage apart from damage, as {@link StoredLog} does. */
  private record Stored(InputFile file) implements InputFile {
    @Override
    public long getLength() throws IOException {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      try {
        SeekableInputStream in = file.newStream();
        return new DelegatingSeekableInputStream(new StoredLog(in)) {
          @Override
          public long getPos() throws IOException {
            return in.getPos();
          }

          @Override
          public void seek(long position) throws IOException {
            in.seek(position);
          }
        };
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public boolean next() throws IOException {
    line = new byte[0];
    try {
      Group row = reader.read();
      if (row == null) {
        return false;
      }
      var bytes = new ByteArrayOutputStream();
      try (JsonGenerator json = JSON.createGenerator(bytes)) {
        object(json, row);
      }
      line = bytes.toByteArray();
      return true;
    } catch (RuntimeException | StackOverflowError e) {
      for (Throwable cause : StorageFailure.causes(e)) {
        if (cause instanceof UncheckedIOException storage) {
          throw storage;
        }
      }
      // What a damaged file does to Parquet's reader has no common type, and its footer may seem to
      // nest without end.
      throw new IOException(e);
    }
  }

  private static void object(JsonGenerator json, Group group) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < group.getType().getFieldCount(); i++) {
      Type type = group.getType().getType(i);
      if (group.getFieldRepetitionCount(i) > 0) {
        json.writeFieldName(type.getName());
        if (type.isRepetition(Type.Repetition.REPEATED)) {
          repeated(json, group, i);
        } else {
          value(json, group, i, 0);
        }
      }
    }
    json.writeEndObject();
  }

  private static void repeated(JsonGenerator json, Group group, int field) throws IOException {
    json.writeStartArray();
    for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
      value(json, group, field, i);
    }
    json.writeEndArray();
  }

  private static void value(JsonGenerator json, Group group, int field, int index)
      throws IOException {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      primitive(json, group, field, index);
      return;
    }
    Group inner = group.getGroup(field, index);
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    if (logical instanceof ListLogicalTypeAnnotation) {
      list(json, inner);
    } else if (logical instanceof MapLogicalTypeAnnotation) {
      map(json, inner);
    } else {
      object(json, inner);
    }
  }

  private static void list(JsonGenerator json, Group list) throws IOException {
    json.writeStartArray();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      if (list.getType().getType(0).isPrimitive()) {
        value(json, list, 0, i);
      } else {
        Group item = list.getGroup(0, i);
        if (item.getFieldRepetitionCount(0) == 0) {
          json.writeNull();
        } else {
          value(json, item, 0, 0);
        }
      }
    }
    json.writeEndArray();
  }

  private static void map(JsonGenerator json, Group map) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      json.writeFieldName(entry.getValueToString(0, 0));
      if (entry.getFieldRepetitionCount(1) == 0) {
        json.writeNull();
      } else {
        value(json, entry, 1, 0);
      }
    }
    json.writeEndObject();
  }

  private static void primitive(JsonGenerator json, Group group, int field, int index)
      throws IOException {
    Type type = group.getType().getType(field);
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> json.writeBoolean(group.getBoolean(field, index));
      case INT32 -> {
        int number = group.getInteger(field, index);
        if (logical instanceof DateLogicalTypeAnnotation) {
          json.writeString(LocalDate.ofEpochDay(number).toString());
        } else {
          whole(json, logical, number);
        }
      }
      case INT64 -> {
        long number = group.getLong(field, index);
        if (logical instanceof TimestampLogicalTypeAnnotation time) {
          json.writeString(Instant.EPOCH.plus(number, unit(time)).toString());
        } else {
          whole(json, logical, number);
        }
      }
      case INT96 -> json.writeString(instant(NanoTime.fromBinary(group.getInt96(field, index))));
      case FLOAT -> decimal(json, group.getFloat(field, index));
      case DOUBLE -> decimal(json, group.getDouble(field, index));
      case BINARY, FIXED_LEN_BYTE_ARRAY -> bytes(json, logical, group.getBinary(field, index));
    }
  }

  private static void whole(JsonGenerator json, LogicalTypeAnnotation logical, long number)
      throws IOException {
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
      json.writeNumber(BigDecimal.valueOf(number, decimal.getScale()).toPlainString());
    } else {
      json.writeNumber(number);
    }
  }

  /** JSON has no other numbers; those that are none are left null. */
  private static void decimal(JsonGenerator json, double number) throws IOException {
    if (Double.isFinite(number)) {
      json.writeNumber(number);
    } else {
      json.writeNull();
    }
  }

  private static void bytes(JsonGenerator json, LogicalTypeAnnotation logical, Binary bytes)
      throws IOException {
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
      json.writeNumber(
          new BigDecimal(new BigInteger(bytes.getBytes()), decimal.getScale()).toPlainString());
    } else if (logical instanceof UUIDLogicalTypeAnnotation) {
      ByteBuffer halves = bytes.toByteBuffer();
      json.writeString(new UUID(halves.getLong(), halves.getLong()).toString());
    } else {
      // As they are: what is no UTF-8 is for the reader of the line to refuse.
      byte[] text = bytes.getBytes();
      json.writeUTF8String(text, 0, text.length);
    }
  }

  private static ChronoUnit unit(TimestampLogicalTypeAnnotation time) {
    return switch (time.getUnit()) {
      case MILLIS -> ChronoUnit.MILLIS;
      case MICROS -> ChronoUnit.MICROS;
      case NANOS -> ChronoUnit.NANOS;
    };
  }

  private static String instant(NanoTime time) {
    return Instant.EPOCH
        .plus(time.getJulianDay() - JULIAN_DAY_OF_1970, ChronoUnit.DAYS)
        .plusNanos(time.getTimeOfDayNanos())
        .toString();
  }

  @Override
  public void takeRest() {
    throw new UnsupportedOperationException("A row of Parquet is whole");
  }

  @Override
  public byte[] bytes() {
    return line;
  }

  @Override
  public int length() {
    return Math.min(line.length, limit);
  }

  @Override
  public long size() {
    return line.length;
  }

  @Override
  public boolean tooLong() {
    return line.length > limit;
  }

  @Override
  public boolean blank() {
    return false;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}

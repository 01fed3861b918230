package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.cluster.FailureCluster.Place;
import dev.flywheel.testing.TestSpark;
import dev.flywheel.text.Redaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class ClusterTermsTest {
  private static final StructType MEMBERS =
      new StructType()
          .add(Memberships.CLUSTERING, DataTypes.IntegerType)
          .add(Memberships.CLUSTER, DataTypes.IntegerType)
          .add("tenant_id", DataTypes.StringType)
          .add("user_id", DataTypes.StringType)
          .add(FailureTexts.NAMING_TEXT, DataTypes.StringType);

  private final List<Row> members = new ArrayList<>();

  @Test
  void wordsOfOneClusterComeBeforeWordsOfAll() {
    for (String user : List.of("u1", "u2", "u3")) {
      say(0, user, "Total of the invoice for Berlin, invoice please");
      say(1, user, "Total of the citations for Berlin");
    }

    Map<Place, List<String>> terms = terms(3);

    assertThat(terms.get(new Place(0, 0))).startsWith("invoice").contains("total", "berlin");
    assertThat(terms.get(new Place(0, 1))).startsWith("citations");
    assertThat(terms.get(new Place(0, 0))).doesNotContain("the", "for", "of");
  }

  @Test
  void aWordIsShownOnlyWhereEnoughUsersWroteIt() {
    for (int i = 0; i < 50; i++) {
      say(0, "u1", "my daughter Griselda has the invoice");
    }
    say(0, "u2", "an invoice");
    say(0, "u3", "an invoice");
    // Often written by few, and by enough users but in different clusters.
    say(1, "u2", "daughter");
    say(1, "u3", "daughter");

    assertThat(terms(3)).containsOnlyKeys(new Place(0, 0));
    assertThat(terms(3).get(new Place(0, 0))).containsExactly("invoice");
  }

  @Test
  void theSameUserNameOfTwoTenantsIsTwoUsers() {
    members.add(RowFactory.create(0, 0, "t1", "u1", "invoice"));
    members.add(RowFactory.create(0, 0, "t2", "u1", "invoice"));

    assertThat(terms(2).get(new Place(0, 0))).containsExactly("invoice");
  }

  @Test
  void numbersAndWhatWasRedactedAreNoWords() {
    for (String user : List.of("u1", "u2", "u3")) {
      say(0, user, "Write to anna.berg@example.org, account 4111 1111 1111 1111, about 2024");
    }

    assertThat(terms(3).get(new Place(0, 0))).containsExactly("account", "write");
  }

  @Test
  void stopWordsOfFourLanguagesNameNothing() {
    for (String user : List.of("u1", "u2", "u3")) {
      say(0, user, "I don't want the und nicht für avec c'est les para como pero Rechnung");
    }

    assertThat(terms(3).get(new Place(0, 0))).containsExactly("rechnung", "want");
  }

  @Test
  void wordsThatMostlyStandTogetherAreOneTerm() {
    for (String user : List.of("u1", "u2", "u3")) {
      say(0, user, "Local time in São Paulo?");
      say(0, user, "The time, local; the flight to São Paulo");
      say(1, user, "A flight");
    }

    // Half of the uses is not most, and no pair reaches over a comma.
    assertThat(terms(3).get(new Place(0, 0)))
        .containsExactly("local", "são paulo", "time", "flight");
    assertThat(terms(4)).isEmpty();
  }

  private void say(int cluster, String user, String text) {
    members.add(RowFactory.create(0, cluster, "t", user, text));
  }

  private Map<Place, List<String>> terms(int minUsers) {
    Dataset<Row> rows =
        TestSpark.session()
            .createDataFrame(members, MEMBERS)
            .withColumn(
                FailureTexts.NAMING_TEXT,
                Redaction.redact(functions.col(FailureTexts.NAMING_TEXT)));
    return ClusterTerms.byCluster(ClusterTerms.of(rows, minUsers).collectAsList());
  }
}

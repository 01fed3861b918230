package dev.flywheel.generate;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is asked, how it is answered and where it fails, from {@code story.yaml}. */
final class Story {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** A planted failure mode; releases count from 0 and null means no bound. */
  record Mode(
      String id, String topic, double share, Integer beginsWithRelease, Integer endsWithRelease) {
    boolean activeIn(int release) {
      return (beginsWithRelease == null || release >= beginsWithRelease)
          && (endsWithRelease == null || release < endsWithRelease);
    }
  }

  /** Phrases of a language that fit every topic. */
  record Tongue(
      List<String> openings,
      List<String> closings,
      List<String> prefixes,
      List<String> tails,
      List<String> rephrase,
      List<String> vague,
      List<String> ownWords,
      List<String> fillers,
      List<String> goodComments,
      List<String> badComments) {}

  /** One thing people ask for. */
  record Topic(
      String id,
      String category,
      String language,
      double weight,
      Map<String, Double> surfaces,
      Optional<Mode> mode,
      Tongue tongue,
      List<Phrase> prompts,
      List<Phrase> followups,
      List<Phrase> good,
      List<Phrase> bad,
      List<Phrase> code,
      List<Phrase> badCode) {}

  private record TopicText(
      String id,
      String category,
      String language,
      double weight,
      Map<String, Double> surfaces,
      List<String> prompts,
      List<String> followups,
      List<String> good,
      List<String> bad,
      List<String> code,
      List<String> badCode) {}

  private record StoryText(
      List<Mode> modes,
      Map<String, List<String>> vocabulary,
      Map<String, Tongue> languages,
      List<TopicText> topics) {}

  private final List<Mode> modes;
  private final Map<String, List<Topic>> topics = new LinkedHashMap<>();
  private final Map<String, double[]> weights = new LinkedHashMap<>();

  private Story(StoryText text) {
    modes = text.modes();
    for (TopicText topic : text.topics()) {
      topics
          .computeIfAbsent(topic.language(), language -> new ArrayList<>())
          .add(compile(topic, text));
    }
    topics.forEach(
        (language, list) ->
            weights.put(language, list.stream().mapToDouble(Topic::weight).toArray()));
  }

  /** Reads the story that comes with the program. */
  static Story load() {
    try (InputStream in = Story.class.getResourceAsStream("story.yaml")) {
      return new Story(YAML.readValue(in, StoryText.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Mode> modes() {
    return modes;
  }

  /** A topic of a language, drawn by weight. */
  Topic topic(String language, Dice dice) {
    return topics.get(language).get(dice.weighted(weights.get(language)));
  }

  private static Topic compile(TopicText topic, StoryText story) {
    return new Topic(
        topic.id(),
        topic.category(),
        topic.language(),
        topic.weight(),
        topic.surfaces(),
        story.modes().stream().filter(mode -> mode.topic().equals(topic.id())).findFirst(),
        story.languages().get(topic.language()),
        phrases(topic.prompts(), story),
        phrases(topic.followups(), story),
        phrases(topic.good(), story),
        phrases(topic.bad(), story),
        phrases(topic.code(), story),
        phrases(topic.badCode(), story));
  }

  private static List<Phrase> phrases(List<String> templates, StoryText story) {
    return templates == null
        ? List.of()
        : templates.stream().map(template -> Phrase.of(template, story.vocabulary())).toList();
  }
}

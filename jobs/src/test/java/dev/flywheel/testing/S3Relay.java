package dev.flywheel.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Stands between clients and an S3 server: notes every request, and spoils those it is told to. */
public final class S3Relay implements AutoCloseable {
  static {
    // Both are read once: signatures cover the host, and answers are small and must not wait.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final Set<String> NOT_FORWARDED =
      Set.of("connection", "content-length", "expect", "transfer-encoding", "upgrade");

  /**
   * One request.
   *
   * @param path bucket and key
   * @param query as sent; empty without one
   */
  public record Request(String method, String path, String query) {
    /** What it asks for, as S3 calls it. */
    public String kind() {
      boolean listing = method.equals("GET") && query.contains("list-type=2");
      return listing ? "LIST" : query.startsWith("delete") ? "DELETE" : method;
    }
  }

  /** What becomes of a request. */
  public enum Spoil {
    /** The server never sees it, and the client may not do it. */
    FORBID(403, "AccessDenied", false),
    /** The server never sees it, and fails. */
    FAIL(500, "InternalError", false),
    /** The server never sees it, and asks the client to try again. */
    CONFLICT(409, "ConditionalRequestConflict", false),
    /** The server never sees it, and the client hears that all is well. */
    SWALLOW(200, "", false),
    /** The server does it, and the client hears that it failed. */
    LOSE_ANSWER(500, "InternalError", true),
    /** The server never sees it, and the client never hears of it. */
    STAY_SILENT(0, "", false);

    private final int status;
    private final String code;
    private final boolean forwarded;

    Spoil(int status, String code, boolean forwarded) {
      this.status = status;
      this.code = code;
      this.forwarded = forwarded;
    }
  }

  private record Rule(Predicate<Request> of, Spoil spoil, AtomicInteger left) {}

  private final String server;
  private final HttpServer front;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private S3Relay(String server, HttpServer front) {
    this.server = server;
    this.front = front;
  }

  /** Starts a relay to a server. */
  public static S3Relay to(S3Server server) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var relay = new S3Relay(server.endpoint(), HttpServer.create(address, 0));
    relay.front.setExecutor(relay.threads);
    relay.front.createContext("/", relay::handle);
    relay.front.start();
    return relay;
  }

  public String endpoint() {
    return S3Server.endpoint(front.getAddress().getPort());
  }

  /** Spoils the next {@code times} requests that {@code of} is true for. */
  public void spoil(Predicate<Request> of, Spoil spoil, int times) {
    rules.add(new Rule(of, spoil, new AtomicInteger(times)));
  }

  /** Spoils nothing from now on, and forgets the requests so far. */
  public void clear() {
    rules.clear();
    requests.clear();
  }

  /** The requests since the start or the last {@link #clear}, in order. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI uri = exchange.getRequestURI();
      var request =
          new Request(
              exchange.getRequestMethod(),
              uri.getPath(),
              Optional.ofNullable(uri.getRawQuery()).orElse(""));
      requests.add(request);
      byte[] body = exchange.getRequestBody().readAllBytes();
      Optional<Spoil> spoil = spoil(request);
      HttpResponse<byte[]> answer =
          spoil.isEmpty() || spoil.get().forwarded ? forward(exchange, body) : null;
      if (spoil.filter(Spoil.STAY_SILENT::equals).isPresent()) {
        closed.await();
      } else if (spoil.isPresent()) {
        answer(exchange, spoil.get());
      } else {
        answer(exchange, answer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Spoil> spoil(Request request) {
    return rules.stream()
        .filter(rule -> rule.of().test(request) && rule.left().getAndDecrement() > 0)
        .map(Rule::spoil)
        .findFirst();
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(server + exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (forwarded(name)) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static boolean forwarded(String header) {
    return !NOT_FORWARDED.contains(header.toLowerCase(Locale.ROOT));
  }

  private static void answer(HttpExchange exchange, Spoil spoil) throws IOException {
    String text =
        spoil.code.isEmpty()
            ? ""
            : "<Error><Code>%s</Code><Message>made up</Message></Error>".formatted(spoil.code);
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    boolean bare = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
    exchange.getResponseHeaders().set("ETag", "\"00000000000000000000000000000000\"");
    exchange.sendResponseHeaders(spoil.status, bare ? -1 : body.length);
    if (!bare) {
      exchange.getResponseBody().write(body);
    }
  }

  private static void answer(HttpExchange exchange, HttpResponse<byte[]> answer)
      throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!name.startsWith(":") && forwarded(name)) {
                exchange.getResponseHeaders().put(name, List.copyOf(values));
              }
            });
    byte[] body = answer.body();
    if (head) {
      // The length of what a GET would give.
      answer
          .headers()
          .firstValue("content-length")
          .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
    }
    exchange.sendResponseHeaders(answer.statusCode(), head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    front.stop(0);
    threads.shutdownNow();
  }
}

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A backend for the first canary: {@code java Hello.java PORT VERSION} answers with its version. */
public final class Hello {

  private Hello() {}

  public static void main(String[] args) throws Exception {
    byte[] answer = (args[1] + "\n").getBytes(StandardCharsets.UTF_8);
    InetSocketAddress at =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    HttpServer server = HttpServer.create(at, 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }
}

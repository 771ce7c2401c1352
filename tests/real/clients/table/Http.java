/* HttpServer and HttpClient of one process: requests one after the other, the sum of the answers. */
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.HexFormat;

class Http {
	public static void main(String[] words) throws Exception
	{
		HttpServer server = HttpServer.create(
			new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		server.createContext("/", exchange -> {
			byte[] body = exchange.getRequestBody().readAllBytes();
			byte[] answer = ("got " + body.length + "\n").repeat(body.length % 50 + 1).getBytes();
			exchange.sendResponseHeaders(200, answer.length);
			exchange.getResponseBody().write(answer);
			exchange.close();
		});
		server.start();
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
		MessageDigest answers = MessageDigest.getInstance("SHA-256");
		URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
		for (int number = 0; number < 300; number++) {
			HttpRequest request = HttpRequest.newBuilder(uri)
				.POST(HttpRequest.BodyPublishers.ofString("x".repeat(number * 7)))
				.build();
			HttpResponse<byte[]> answer =
				client.send(request, HttpResponse.BodyHandlers.ofByteArray());
			answers.update(answer.body());
			answers.update((byte)answer.statusCode());
		}
		System.out.println(HexFormat.of().formatHex(answers.digest()));
		System.exit(0);
	}
}

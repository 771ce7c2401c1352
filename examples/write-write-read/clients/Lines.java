import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;

/** Lines PORT COUNT: turns of write, write, readLine on a stream without a buffer. */
public class Lines {
	public static void main(String[] arguments) throws Exception {
		int count = Integer.parseInt(arguments[1]);
		try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(arguments[0]))) {
			OutputStream out = socket.getOutputStream();
			BufferedReader in =
				new BufferedReader(new InputStreamReader(socket.getInputStream()));
			long began = System.nanoTime();
			for (int turn = 1; turn <= count; turn++) {
				out.write("the first half ".getBytes());
				out.write(("of turn " + turn + "\n").getBytes());
				if (!"ok".equals(in.readLine()))
					System.exit(1);
			}
			System.out.println((System.nanoTime() - began) / 1e9);
		}
	}
}

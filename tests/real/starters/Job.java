import java.io.*;
import java.net.Socket;

/** Job PORT NAME: the same as job.py. */
class Job {
	public static void main(String[] args) throws IOException {
		try (Socket sock = new Socket("127.0.0.1", Integer.parseInt(args[0]))) {
			OutputStream out = sock.getOutputStream();
			BufferedReader in = new BufferedReader(new InputStreamReader(sock.getInputStream()));
			out.write((args[1] + "\n").getBytes());
			for (int turn = 0; turn < 5; turn++) {
				out.write("turn".getBytes());
				out.write((" " + turn + " of it\n").getBytes());
				in.readLine();
			}
			while (in.readLine() != null) {
			}
		}
	}
}

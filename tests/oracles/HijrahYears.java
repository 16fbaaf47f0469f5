import java.time.LocalDate;
import java.time.chrono.HijrahDate;

/** Prints the Umm al-Qura years that OpenJDK knows, in the form of hijri_openjdk.csv; started by make_vectors.py. */
public class HijrahYears {
    public static void main(String[] args) {
        for (int year = 1343; year <= 1500; year++) {
            StringBuilder lengths = new StringBuilder();
            for (int month = 1; month <= 12; month++) {
                lengths.append(HijrahDate.of(year, month, 1).lengthOfMonth() % 10);
            }
            System.out.println(year + "," + LocalDate.from(HijrahDate.of(year, 1, 1)) + "," + lengths);
        }
    }
}

// A full adder of nine NOR gates: s = a + b + cin, the carry in cout.
module full_adder(a, b, cin, s, cout);
  input a, b, cin;
  output s, cout;
  wire t0, t1, t2, t3, t4, t5, t6;
  nor2 g0(.a(a), .b(b), .O(t0));
  nor2 g1(.a(a), .b(t0), .O(t1));
  nor2 g2(.a(b), .b(t0), .O(t2));
  nor2 g3(.a(t1), .b(t2), .O(t3));
  nor2 g4(.a(t3), .b(cin), .O(t4));
  nor2 g5(.a(t4), .b(t3), .O(t5));
  nor2 g6(.a(t4), .b(cin), .O(t6));
  nor2 g7(.a(t5), .b(t6), .O(s));
  nor2 g8(.a(t0), .b(t4), .O(cout));
endmodule
